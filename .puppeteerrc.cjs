// The runner finds or fetches a browser itself (runner/browser.ts), so that `npm ci` works without the open
// internet.
module.exports = { skipDownload: true }

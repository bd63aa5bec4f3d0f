"""bzlmod's way to @npm (Bazel 7 and later); older ones read WORKSPACE."""

load(":npm.bzl", "npm_install")

def _npm_impl(_module_ctx):
    npm_install(
        name = "npm",
        package_json = Label("//:package.json"),
        package_lock = Label("//:package-lock.json"),
        npmrc = Label("//:.npmrc"),
    )

npm = module_extension(implementation = _npm_impl)

/** The kinds of messages that routines send and the ledger tells apart. Apart from metrics.ts, so that the page needs no zod. */
export const MESSAGE_KINDS = ['position', 'profile', 'chat'] as const
export type MessageKind = (typeof MESSAGE_KINDS)[number]

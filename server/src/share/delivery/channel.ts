/** The channels by which content is handed out. */

/** Channels for tools. `taxii copy` carries the partner's own copy; the others carry the unmarked text. */
export type PolledChannel = "taxii" | "taxii copy" | "csaf" | "misp"

/** `copy`: marked for the partner and sealed to its keys. */
export type Channel = "copy" | PolledChannel

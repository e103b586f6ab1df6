/** The channels by which content is handed out. */

/** Channels for tools. `taxii_copy` carries the partner's own copy; the others carry the unmarked text. */
export type PolledChannel = "taxii" | "taxii_copy" | "csaf" | "misp"

/** `copy`: marked for the partner and sealed to its keys. */
export type Channel = "copy" | PolledChannel

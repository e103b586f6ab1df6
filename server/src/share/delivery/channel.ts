/** How something is handed out. */

/** To machines. `taxii copy`: by TAXII, and the partner's own copy; else the unmarked text. */
export type PolledChannel = "taxii" | "taxii copy" | "csaf" | "misp"

/** `copy`: marked for the partner and sealed to it. */
export type Channel = "copy" | PolledChannel

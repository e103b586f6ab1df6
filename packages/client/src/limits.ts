/** Closed lists and limits of the partner API. The server checks them, and the client knows them. */

/** How reliable the partner's clock is for an instant. */
export const clockQualities = ["synchronised", "estimated", "unknown"] as const

/** How exact the instant of a report is. */
export type ClockQuality = (typeof clockQualities)[number]

/** The most characters in all indicators of a sighting together. */
export const indicatorCharsMax = 64_000
/** The most characters in a sighting's note. Threat-intelligence platforms send whole reports as a description. */
export const noteMax = 65_536

/** `needs_more`: the artifacts are not enough, and the note says what is missing. */
export const protectionStates = ["protected", "in_progress", "not_applicable", "needs_more"] as const

/** How far a partner has protected its customers. */
export type ProtectionState = (typeof protectionStates)[number]
/** The most characters in the note of a protection status. */
export const protectionNoteMax = 2000

/** A tester's verdict on a rule or signature. */
export const verdicts = ["works", "does_not_work", "false_positives"] as const

/** A tester's verdict about an artifact. */
export type Verdict = (typeof verdicts)[number]
/** The most characters in a tester's description of its environment. */
export const environmentMax = 2000

/** Closed lists and limits of the partner API, which the server checks and the client knows. */

/** How far an instant by the partner's clock can be relied on. */
export const clockQualities = ["synchronised", "estimated", "unknown"] as const
export type ClockQuality = (typeof clockQualities)[number]

/** Of all indicators of a sighting together, in characters. */
export const indicatorCharsMax = 64_000
/** Of a sighting's note, in characters: threat-intelligence platforms send whole reports as a description. */
export const noteMax = 65_536

/** `coming`: work is under way. `need more`: what was handed out does not do, and the note says what is missing. */
export const protectionStates = ["protected", "coming", "not applicable", "need more"] as const
export type ProtectionState = (typeof protectionStates)[number]
export const protectionNoteMax = 2000

export const verdicts = ["works", "does not work", "false positives"] as const
export type Verdict = (typeof verdicts)[number]
/** Of what a tester says of its environment, in characters. */
export const environmentMax = 2000

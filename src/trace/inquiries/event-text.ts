/** Says in words what an event of the audit log recorded. */

/** Kinds that their own words do not say plainly. */
const texts: Readonly<Record<string, string>> = {
    "approval.requested": "second signature requested",
    "approval.used": "approval applied",
    "attribution.made": "leak attributed",
    "attribution.not_made": "attribution failed",
    "evidence.compared": "evidence compared with other evidence",
    "evidence.custody_read": "chain of custody read",
    "evidence.filed": "evidence added",
    "evidence.held": "legal hold placed",
    "evidence.hold_lifted": "legal hold lifted",
    "evidence.noted": "note added to the evidence",
    "evidence.opened": "archive extracted from the evidence",
    "exposure.asked": "exposure read",
    "inquiry.carried": "tracing instruction extended",
    "inquiry.carrying_asked": "extension of a tracing instruction requested",
    "inquiry.kept_out": "person excluded",
    "inquiry.planned": "tracing instruction proposed",
    "inquiry.provided": "tracing instruction activated",
    "inquiry.provision_ended": "tracing instruction ended",
    "inquiry.reported": "report of the inquiry made",
    "inquiry.weighed": "hypothesis weighted",
    "inquiry.widened": "inquiry expanded",
    "ledger.read": "cross-case evidence read",
    "marks.committed": "commitment to the marks of a version recorded",
    "marks.copy_made": "copy reproduced",
    "marks.master_made": "master key of the marks created",
    "marks.opened": "mark keys disclosed",
    "marks.words_read": "codewords read",
    "question.lapsed": "question expired",
    "question.noted": "answer marked as read",
}

export const textOfEvent = (kind: string): string => texts[kind] ?? kind.replaceAll(/[._]/g, " ")

/** Describes events of the audit log in words. */

/** Kinds whose own name is not plain enough. */
const texts: Readonly<Record<string, string>> = {
    "approval.requested": "second signature requested",
    "approval.applied": "approval applied",
    "attribution.created": "leak attributed",
    "attribution.failed": "attribution failed",
    "evidence.compared": "evidence compared with other evidence",
    "evidence.custody_read": "chain of custody read",
    "evidence.added": "evidence added",
    "evidence.hold_placed": "legal hold placed",
    "evidence.hold_lifted": "legal hold lifted",
    "evidence.note_added": "note added to the evidence",
    "evidence.archive_extracted": "archive extracted from the evidence",
    "exposure.asked": "exposure read",
    "tracing_instruction.extended": "tracing instruction extended",
    "tracing_instruction.extension_requested": "extension of a tracing instruction requested",
    "inquiry.person_excluded": "person excluded",
    "tracing_instruction.proposed": "tracing instruction proposed",
    "tracing_instruction.activated": "tracing instruction activated",
    "tracing_instruction.ended": "tracing instruction ended",
    "inquiry.reported": "report of the inquiry made",
    "inquiry.hypothesis_weighted": "hypothesis weighted",
    "inquiry.expanded": "inquiry expanded",
    "cross_case_evidence.read": "cross-case evidence read",
    "marks.committed": "commitment to the marks of a version recorded",
    "marks.copy_reproduced": "copy reproduced",
    "marks.master_created": "master key of the marks created",
    "marks.keys_disclosed": "mark keys disclosed",
    "marks.codewords_read": "codewords read",
    "question.expired": "question expired",
    "question.read": "answer marked as read",
}

/** Returns the description of an event kind. */
export const textOfEvent = (kind: string): string => texts[kind] ?? kind.replaceAll(/[._]/g, " ")

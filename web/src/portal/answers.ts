/** Answers of the portal's API, as far as these screens read them. */
import type { AnswerTo } from "./api.ts"
import { valueText } from "../messages/message.ts"

export type Member = Me["person"]

export type Key = Me["partner"]["keys"][number]

export type MailKey = MailKeys["keys"][number]

export type MailKeys = AnswerTo<"/api/mail-keys">

export type Acceptance = Me["partner"]["acceptances"][number]

export type Me = AnswerTo<"/api/me">

export type Part = Warning["artifacts"][number]

export const partName = (part: Part): string => part.name ?? valueText(part.class)

/** Protection statuses of this partner, newest first. */
export type Protections = AnswerTo<"/api/protection-statuses">

export type Recall = Warning["recalls"][number]

export type FollowUp = AnswerTo<"/api/follow-ups">["followUps"][number]

export type TestResult = Results["results"][number]

export type Results = AnswerTo<"/api/test-results">

/** Aggregates about other partners, the same for everyone who has the warning. */
export type Aggregates = AnswerTo<"/api/warnings/{id}/aggregates">

export type Warning = AnswerTo<"/api/warnings/{id}">

/** The access list: which of the partner's people see a warning. */
export type AccessList = AnswerTo<"/api/warnings/{id}/access-list">

export type Warnings = AnswerTo<"/api/warnings">

export type Agreement = AnswerTo<"/api/agreements">["agreements"][number]

export type Requirement = Requirements["requirements"][number]

export type Statement = Requirements["submitted"][number]

export type Requirements = AnswerTo<"/api/requirements">

/** An invitation to an embargo: its terms and history, without the content of the case. */
export type Invited = Omit<Invitation, "id">

export type Invitation = Consents["invitations"][number]

export type Consents = AnswerTo<"/api/consents">

export type Receipt = Receipts["receipts"][number]

/** A change of the partner's keys. */
export type KeyChange = AnswerTo<"/api/keys">["changes"][number]

export type Webhook = Webhooks["webhooks"][number]

export type Webhooks = AnswerTo<"/api/webhooks">

export type Receipts = AnswerTo<"/api/receipts">

export type Letter = AnswerTo<"/api/letters">["letters"][number]

export type WarningQuestion = AnswerTo<"/api/warning-questions">["questions"][number]

export type InquiryQuestion = AnswerTo<"/api/inquiries">["questions"][number]

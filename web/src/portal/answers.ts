/** Answers of the portal's API, as far as these screens read them. */
import type { AnswerTo } from "./api.ts"

export type Member = Me["person"]

export type Key = Me["partner"]["keys"][number]

export type MailKey = MailKeys["keys"][number]

export type MailKeys = AnswerTo<"/api/mail-keys">

export type Acceptance = Me["partner"]["acceptances"][number]

export type Me = AnswerTo<"/api/me">

export type Part = Warning["artifacts"][number]

export const nameOf = (part: Part): string => part.name ?? part.class

export type Recall = Warning["recalls"][number]

export type OwnResult = Results["results"][number]

export type Results = AnswerTo<"/api/test-results">

/** Aggregates about other partners, the same for everyone who has the warning. */
export type Aggregates = AnswerTo<"/api/warnings/{id}/aggregates">

export type Warning = AnswerTo<"/api/warnings/{id}">

/** The access list: which of the partner's people see a warning. */
export type Circle = AnswerTo<"/api/warnings/{id}/access-list">

export type Warnings = AnswerTo<"/api/warnings">

export type Agreement = AnswerTo<"/api/agreements">["agreements"][number]

export type Due = Dues["requirements"][number]

export type Statement = Dues["submitted"][number]

export type Dues = AnswerTo<"/api/requirements">

/** An invitation to an embargo: its terms and history, without the content of the case. */
export type Asked = Omit<Invitation, "id">

export type Invitation = Consents["invitations"][number]

export type Consents = AnswerTo<"/api/consents">

export type Receipt = Receipts["receipts"][number]

export type Webhook = Webhooks["webhooks"][number]

export type Webhooks = AnswerTo<"/api/webhooks">

export type Receipts = AnswerTo<"/api/receipts">

export type Letter = AnswerTo<"/api/letters">["letters"][number]

export type OwnQuestion = AnswerTo<"/api/inquiries">["questions"][number]

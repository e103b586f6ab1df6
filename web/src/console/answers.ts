/** Answers of the console's API, as far as these screens read them. */
import type { MatrixCell } from "../../../server/src/share/entitlement/compact-matrix.ts"
import type { AnswerTo } from "./api.ts"

export type Me = AnswerTo<"/api/me">

export type Operator = AnswerTo<"/api/staff">["people"][number]

export type Agreement = AnswerTo<"/api/agreements">["agreements"][number]

export type Colleague = AnswerTo<"/api/staff-names">["people"][number]

export type Turn = Case["embargo"][number]

export type EmbargoDecision = AnswerTo<"/api/embargo-proposals">["decisions"][number]

export type Case = AnswerTo<"/api/cases/{id}">

export type OnesConsent = Omit<PartnersConsent, "partner">

export type PartnersConsent = AnswerTo<"/api/cases/{id}/consents">["consents"][number]

export type PartysConsent = AnswerTo<"/api/cases/{id}/consents">["parties"][number]

export type Told = Pick<Wave, "done" | "recipients" | "notified" | "filtered" | "unnotified">

export type WaveState = Wave["state"]

export type PlannedWave = Omit<Wave, keyof Told>

export type Wave = AnswerTo<"/api/cases/{id}/waves">["waves"][number]

export type Artifact = AnswerTo<"/api/cases/{id}/artifacts">["artifacts"][number]

export type Holder = Recall["holders"][number]

export type Recall = AnswerTo<"/api/artifacts/{id}/recalls">["recalls"][number]

export type TestersResult = AnswerTo<"/api/artifacts/{id}/test-results">["results"][number]

export type Decision = AnswerTo<"/api/entitlements">["decisions"][number]

export type Entitlement = MatrixCell<Decision>

/** The answer with its cells expanded. */
export interface Matrix extends Omit<AnswerTo<"/api/entitlements">, "artifacts" | "decisions" | "partners"> {
    readonly entitlements: readonly Entitlement[]
}

export type Approval = Approvals["pending"][number]

export type Approvals = AnswerTo<"/api/approvals">

export type PartnerRow = AnswerTo<"/api/partners">["partners"][number]

export type Member = Partner["roster"][number]

export type Key = Partner["keys"][number]

export type Partner = AnswerTo<"/api/partners/{id}">

export type Policy = AnswerTo<"/api/policies">["policies"][number]

export type Preview = AnswerTo<"/api/policies/{version}/preview">

export type Clock = AnswerTo<"/api/demo/clock">

export type Event = AnswerTo<"/api/audit-log">["events"][number]

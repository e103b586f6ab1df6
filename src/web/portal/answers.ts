/** What the portal's API answers, as far as these screens read it. */
import type { ArtifactClass, Pap, Tlp } from "../../share/artifacts/artifact.ts"
import type { Product, Vulnerability } from "../../share/cases/case.ts"
import type { MeasureKind } from "../../trace/measures/measure.ts"
import type { PartnerRole } from "../../trust/audit/actor.ts"
import type { Duty } from "../../trust/partners/duty.ts"
import type { AgreementState, Standing, Tier } from "../../trust/partners/partner.ts"

export interface Member {
    readonly id: string
    readonly name: string
    readonly mail: string
    readonly roles: readonly PartnerRole[]
    readonly left: boolean
}

export interface Key {
    readonly id: string
    readonly recipient: string
    readonly addedAt: string
    readonly usableFrom: string
    readonly revokedAt: string | null
}

export interface Me {
    readonly person: Member
    readonly partner: {
        readonly id: string
        readonly name: string
        readonly mail: string
        readonly tier: Tier
        readonly standing: Standing
        readonly duties: readonly Duty[]
        readonly reportsBeforePublication: boolean
        readonly agreement: AgreementState
        readonly roster: readonly Member[]
        readonly keys: readonly Key[]
        readonly acceptances: readonly {
            readonly version: number
            readonly at: string
            readonly endsAt: string | null
        }[]
    }
}

export interface Part {
    readonly id: string
    readonly class: ArtifactClass
    readonly tlp: Tlp
    readonly pap: Pap
    readonly name: string
    readonly available: boolean
    readonly version: number | null
    readonly from: string
    readonly fetchedAt: string | null
    readonly acknowledgedAt: string | null
}

export interface Warning {
    readonly id: string
    readonly title: string
    readonly vulnerabilities: readonly Vulnerability[]
    readonly products: readonly Product[]
    readonly publication: string | null
    readonly published: boolean
    readonly artifacts: readonly Part[]
}

export interface Warnings {
    readonly now: string
    readonly warnings: readonly Warning[]
}

export interface Agreement {
    readonly version: number
    readonly text: string
    readonly termDays: number | null
    readonly since: string
}

export interface Letter {
    readonly id: string
    readonly subject: string
    readonly text: string
    readonly sentAt: string
    readonly answer: string | null
    readonly answeredAt: string | null
    readonly about: {
        readonly kind: MeasureKind
        readonly takenAt: string
        readonly reviewBy: string | null
        readonly endedAt: string | null
    }
}

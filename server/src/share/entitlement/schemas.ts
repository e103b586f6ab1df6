/** Request and answer types of the routes of entitlement. */
import { Type } from "typebox"
import { requirementKinds } from "../../trust/partners/requirements/requirement.ts"
import { closed, codeOf, enumOf, id, orNull, textOrNull } from "../../kernel/schemas.ts"
import { partnerStatuses, tiers } from "../../trust/partners/partner.ts"
import { dutyShape } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import { artifactClasses } from "../artifacts/artifact.ts"
import type { ArtifactClass } from "../artifacts/artifact.ts"
import type { ChangeDirection } from "./compare.ts"
import type { Outcome, Reason } from "./ruling.ts"
import { conditionCodes } from "./clause.ts"
import { reasonCodes } from "./reason-texts.ts"
import type { WaveTier } from "../waves/wave.ts"

const instant = Type.String({ maxLength: 40 })

const versionForm = "^[1-9][0-9]{0,8}$"

export const byVersion = Type.Object({ version: Type.String({ pattern: versionForm }) }, closed)

const policyAnswer = Type.Object({
    version: Type.Integer(),
    name: Type.String(),
    text: Type.String(),
    /** The policy's own examples, one a line. */
    examples: Type.String(),
    createdBy: orNull(id),
    createdAt: Type.String(),
    /** Each activation of this version. */
    activations: Type.Array(Type.Object({ from: Type.String(), by: orNull(id) })),
    active: Type.Boolean(),
})

const reasonAnswer = Type.Object({
    policy: Type.String(),
    title: Type.String(),
    /** Only for a reason that comes from the program: the screens have a sentence for each code. */
    code: Type.Optional(codeOf(reasonCodes)),
    /** The class that a measure withholds: the artifact's, or the one that the policy gives in its place. */
    withheldClass: Type.Optional(enumOf<ArtifactClass>()),
    effect: enumOf<Reason["effect"]>(),
    /** The requirements that were not met, by codes. `clause` has them in the policy language. */
    unmetCondition: Type.Optional(
        Type.Object({
            parts: Type.Array(
                Type.Object({
                    code: codeOf(conditionCodes),
                    values: Type.Array(Type.String()),
                    isAll: Type.Boolean(),
                }),
            ),
            isAll: Type.Boolean(),
            /** The partner's tier, where the rule is about tiers. */
            tier: Type.Optional(orNull(Type.Enum([...tiers]))),
        }),
    ),
    clause: Type.Optional(Type.String()),
})

const decisionAnswer = Type.Object({
    outcome: enumOf<Outcome>(),
    grantedClass: orNull(enumOf<ArtifactClass>()),
    from: textOrNull,
    waves: Type.Array(enumOf<WaveTier>()),
    released: Type.Boolean(),
    available: Type.Boolean(),
    recalled: Type.Boolean(),
    reasons: Type.Array(reasonAnswer),
})

const differencesAnswer = Type.Array(
    Type.Object({
        partners: Type.Array(id),
        artifacts: Type.Array(id),
        change: enumOf<ChangeDirection>(),
        /** Whether the change takes effect only after these partners meet their requirements. */
        onceRequirementsMet: Type.Boolean(),
        before: decisionAnswer,
        after: decisionAnswer,
    }),
)

const changeAnswer = {
    peopleNeeded: Type.Integer(),
    differences: differencesAnswer,
}

export const previewAnswer = Type.Object({ version: Type.Integer(), replaces: orNull(Type.Integer()), ...changeAnswer })

const policyText = { text: Type.String({ maxLength: 70_000 }), examples: Type.String({ maxLength: 40_000 }) }

export const policyTestAnswer = Type.Object({
    examples: Type.Array(
        Type.Object({
            line: Type.Integer(),
            text: Type.String(),
            outcome: Type.String(),
            passes: Type.Boolean(),
            /** The ids of the rules that decide the example. */
            rules: Type.Array(Type.String()),
            reasons: Type.Array(reasonAnswer),
        }),
    ),
    /** The ids of the rules that decide no example. */
    untestedRules: Type.Array(Type.String()),
})

export const matrixAnswer = Type.Object({
    case: id,
    at: Type.String(),
    policy: orNull(Type.Integer()),
    /** Whether the case was known at that instant as exploited before its publication. */
    exploited: Type.Boolean(),
    artifacts: Type.Array(
        Type.Object({ artifact: id, class: enumOf<ArtifactClass>(), version: orNull(Type.Integer()) }),
    ),
    decisions: Type.Array(decisionAnswer),
    partners: Type.Array(
        Type.Object({
            partner: id,
            /** For each of `artifacts`, the index in `decisions`; null: the partner has no decision about it. */
            cells: Type.Array(orNull(Type.Integer())),
        }),
    ),
})

const counts = Type.Object({ open: Type.Integer(), later: Type.Integer(), withheld: Type.Integer() })

export const accessSummaryAnswer = Type.Object({
    at: Type.String(),
    /** The next to be published first. */
    cases: Type.Array(id),
    /** Open cases that are not in it. */
    leftOut: Type.Integer(),
    /** Numbers of artifacts for each of `cases`. */
    partners: Type.Array(Type.Object({ partner: id, counts: Type.Array(counts) })),
})

const restriction = Type.Object(
    {
        withhold: Type.Array(Type.Enum([...artifactClasses]), { maxItems: artifactClasses.length }),
        notBeforePublication: Type.Boolean(),
        cases: orNull(Type.Array(id, { maxItems: 1000 })),
    },
    closed,
)

const changeBody = Type.Union([
    Type.Object({ fact: Type.Literal("tier"), value: Type.Enum([...tiers]) }, closed),
    Type.Object({ fact: Type.Literal("status"), value: Type.Enum([...partnerStatuses]) }, closed),
    Type.Object({ fact: Type.Literal("duties"), value: Type.Array(dutyShape, { maxItems: 20 }) }, closed),
    Type.Object({ fact: Type.Literal("restriction"), value: orNull(restriction) }, closed),
])

export const policiesAnswer = Type.Object({ policies: Type.Array(policyAnswer) })

export const newPolicyBody = Type.Object(
    {
        name: Type.String({ maxLength: 200 }),
        text: policyText.text,
        examples: Type.Optional(policyText.examples),
    },
    closed,
)

export const newPolicyAnswer = Type.Object({ version: Type.Integer() })

export const testPolicyBody = Type.Object(policyText, closed)

export const requestApprovalPolicyAnswer = Type.Object({ approval: id })

export const activatePolicyBody = Type.Object({ approval: Type.Optional(id) }, closed)

export const replayQuery = Type.Object({ case: id, at: instant }, closed)

export const entitlementsQuery = Type.Object(
    {
        case: id,
        at: Type.Optional(instant),
        policy: Type.Optional(Type.String({ pattern: versionForm })),
        partner: Type.Optional(id),
    },
    closed,
)

export const previewEntitlementBody = Type.Union([
    Type.Object({ policy: Type.Integer({ minimum: 1, maximum: 999_999_999 }) }, closed),
    Type.Object({ partner: id, change: changeBody }, closed),
    Type.Object({ partners: Type.Array(id, { minItems: 1, maxItems: 1000 }), change: changeBody }, closed),
])

export const previewEntitlementAnswer = Type.Object(changeAnswer)

export const previewAgreementBody = Type.Object(
    { applies: Type.Optional(instant), longestEmbargoDays: Type.Optional(Type.Integer()) },
    closed,
)

export const previewAgreementAnswer = Type.Object({
    version: Type.Integer(),
    appliesAt: Type.String(),
    partners: Type.Array(id),
    /**
     * Whether the notice is shorter than the program rules require. Then `seen` must be sent with the
     * version.
     */
    isShort: Type.Boolean(),
    seen: Type.String(),
    differences: differencesAnswer,
})

export const requirementPreviewAnswer = Type.Object({
    requirements: Type.Array(
        Type.Object({
            kind: Type.Enum([...requirementKinds]),
            withheldFrom: Type.String(),
            differences: differencesAnswer,
        }),
    ),
})

/**
 * The vocabulary of policies: what a rule can ask about a partner and an artifact, and the three actions it can permit.
 *
 * Tiers and classes are closed lists, so a misspelt name is refused. A rule cannot name a partner: a measure restricts
 * a single partner, and duties describe groups of partners.
 */
import type { PolicyQuestion, EntityReference, Entity } from "../../models/policy.ts"
import { refuse } from "@tocsin/base/refusal"
import { reportsBeforePublication } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import { tiers } from "../../trust/partners/partner.ts"
import { artifactClasses } from "../artifacts/artifact.ts"
import type { ArtifactFacts, DecisionRequest, PartnerFacts } from "./facts.ts"

const quotedList = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ")

/** The Cedar schema of policies. */
export const schemaText = `entity Tier enum ["none", ${quotedList(tiers)}];
entity Class enum [${quotedList(artifactClasses)}];
entity Regime;
entity Case;

entity Partner = {
    tier: Tier,
    // A duty can be due before publication. It is triggered by any known vulnerability, or by an actively exploited one
    // while the case is known as exploited before publication.
    reportsBeforePublication: Bool,
    // Of all its duties: Regime::"RMSV", Regime::"CRA".
    dutyRegimes: Set<Regime>,
};

entity Artifact = {
    class: Class,
    // Its case, and the cases that this one is a bypass or a variant of.
    cases: Set<Case>,
};

// In full, in the wave of the partner's tier.
action "receive" appliesTo { principal: Partner, resource: Artifact };
// In full, at publication.
action "receiveAtPublication" appliesTo { principal: Partner, resource: Artifact };
// The summary instead, at publication.
action "receiveSummary" appliesTo { principal: Partner, resource: Artifact };
`

/** The action that a policy must permit for an outcome. */
export const actionOf = { full: "receive", at_publication: "receiveAtPublication", reduced: "receiveSummary" } as const

/** A Cedar action that policies permit. */
export type Action = (typeof actionOf)[keyof typeof actionOf]

/** Returns the question to the policy engine. Partners with equal facts give equal questions. */
export function questionOf({ partner, artifact }: DecisionRequest, action: Action): PolicyQuestion {
    return { action, principal: principalOf(partner, artifact), resource: resourceOf(artifact) }
}

/** Returns the partner as the policy sees it, for artifacts of cases with this `exploited`. */
export function principalOf(partner: PartnerFacts, { exploited }: Pick<ArtifactFacts, "exploited">): Entity {
    return {
        type: "Partner",
        id: "partner",
        attributes: {
            tier: { type: "Tier", id: partner.tier ?? "none" },
            reportsBeforePublication: reportsBeforePublication(partner.reporting, exploited),
            dutyRegimes: partner.dutyRegimes.toSorted().map((id) => ({ type: "Regime", id })),
        },
    }
}

/** Returns the artifact as the policy sees it. */
export function resourceOf(artifact: ArtifactFacts): Entity {
    return {
        type: "Artifact",
        id: "artifact",
        attributes: {
            class: { type: "Class", id: artifact.class },
            cases: [artifact.case, ...artifact.origins].sort().map((id) => ({ type: "Case", id })),
        },
    }
}

/** Refuses `policy.names_partner` where a policy names a partner or an artifact: such a rule would never match. */
export function assertNamesNoPartner(references: readonly EntityReference[]): void {
    const reference = references.find(({ type }) => type === "Partner" || type === "Artifact")
    if (!reference) return
    const line =
        `the policy names \`${reference.type}::"${reference.id}"\`: remove it, policies cannot name partners or ` +
        "artifacts"
    refuse("invalid", "policy.names_partner", line, { type: reference.type, id: reference.id })
}

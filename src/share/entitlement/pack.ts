/**
 * The shipped pack: three tiers, and the duty rule as a version of its own, so that a past month can be replayed
 * without and with it. The glossary's table says the same, cell by cell, and a test compares the two.
 */

export interface PolicyText {
    readonly name: string
    /** In the Cedar language, of the vocabulary in schema.ts. */
    readonly text: string
}

const tierRules = `@id("wave-of-tier")
@title("Summary, technical detail, guidance, indicators, rules and proof of concept come in the wave of the tier")
permit (principal, action == Action::"receive", resource)
when {
    [Class::"summary", Class::"technical", Class::"guidance", Class::"indicators", Class::"rules", Class::"poc"]
        .contains(resource.class) &&
    principal.tier != Tier::"none"
};

@id("repro-for-advance")
@title("Steps to reproduce go to the tiers advance and validate only, in their waves")
permit (principal, action == Action::"receive", resource)
when {
    resource.class == Class::"repro" &&
    [Tier::"advance", Tier::"validate"].contains(principal.tier)
};

@id("patch-for-validate")
@title("The patch goes to the tier validate in its wave")
permit (principal, action == Action::"receive", resource)
when {
    resource.class == Class::"patch" &&
    principal.tier == Tier::"validate"
};

@id("patch-at-publication")
@title("The other tiers get the patch at publication")
permit (principal, action == Action::"receiveAtPublication", resource)
when {
    resource.class == Class::"patch" &&
    [Tier::"entry", Tier::"advance"].contains(principal.tier)
};
`

const dutyRules = `
@id("duty-no-wave")
@title("Who may have to report before publication gets nothing before publication")
forbid (principal, action == Action::"receive", resource)
when { principal.reportsBeforePublication };

@id("duty-at-publication")
@title("Who may have to report before publication gets summary, guidance, indicators, rules and patch at publication")
permit (principal, action == Action::"receiveAtPublication", resource)
when {
    [Class::"summary", Class::"guidance", Class::"indicators", Class::"rules", Class::"patch"]
        .contains(resource.class) &&
    principal.tier != Tier::"none" &&
    principal.reportsBeforePublication
};

@id("duty-summary")
@title("Who may have to report before publication gets the summary instead of technical detail, at publication")
permit (principal, action == Action::"receiveSummary", resource)
when {
    resource.class == Class::"technical" &&
    principal.tier != Tier::"none" &&
    principal.reportsBeforePublication
};
`

/** Version 1: the tiers alone. */
export const threeTier: PolicyText = { name: "three tiers", text: tierRules }

/** Version 2: with the duty rule. */
export const threeTierWithDuty: PolicyText = { name: "three tiers, with the duty rule", text: tierRules + dutyRules }

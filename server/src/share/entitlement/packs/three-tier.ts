/**
 * The three-tier vendor program. The duty rule is a version of its own, so that a past month can be replayed with and
 * without it.
 *
 * A test compares the rules with the table of the glossary, cell by cell.
 */
import { shippedSchedule } from "../../waves/wave.ts"
import type { Pack, PolicyText } from "../pack.ts"

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
@title("Partners that may have to report early get nothing before publication")
forbid (principal, action == Action::"receive", resource)
when { principal.reportsBeforePublication };

@id("duty-at-publication")
@title("Partners that may have to report early get summary, guidance, indicators, rules and patch at publication")
permit (principal, action == Action::"receiveAtPublication", resource)
when {
    [Class::"summary", Class::"guidance", Class::"indicators", Class::"rules", Class::"patch"]
        .contains(resource.class) &&
    principal.tier != Tier::"none" &&
    principal.reportsBeforePublication
};

@id("duty-summary")
@title("Partners that may have to report early get the summary instead of technical detail, at publication")
permit (principal, action == Action::"receiveSummary", resource)
when {
    resource.class == Class::"technical" &&
    principal.tier != Tier::"none" &&
    principal.reportsBeforePublication
};
`

const tierExamples = `
entry    | summary   | validate    | full, waits
entry    | summary   | entry       | full, open
entry    | poc       | entry       | full, open
entry    | repro     | publication | withheld
entry    | patch     | entry       | at publication, waits
advance  | repro     | advance     | full, open
advance  | technical | validate    | full, waits
advance  | patch     | publication | at publication, open
validate | patch     | validate    | full, open
none     | summary   | publication | withheld

# What no rule lifts, and what waits for an instant.
entry; consent expired | summary | publication | withheld
entry; consent declined | summary | publication | withheld
entry; agreement expired | summary | publication | withheld
entry; status suspended | summary | publication | withheld
entry; overdue attestation | summary | publication | withheld
entry; restricted from summary | summary | publication | withheld
entry; restricted to publication | summary | entry | at publication, waits
entry | summary; recalled | entry | withheld
entry | summary; recalled and revised | entry | full, waits
entry | summary; bypass of another | entry | full, open
entry | summary | entry; frozen | full, waits
entry | summary | entry; embargo proposed | full, waits
entry | summary | entry; embargo moved later | full, waits
entry | summary | entry; embargo terminated | full, open
entry | summary | advance; embargo terminated              | full, waits    # until it is released now
entry | summary | advance; embargo terminated and released | full, open
`

const dutyExamples = `
entry    with RMSV | summary    | entry       | at publication, waits
entry    with RMSV | summary    | publication | at publication, open
advance  with RMSV | technical  | publication | reduced, open
validate with RMSV | indicators | advance     | at publication, waits
validate with RMSV | poc        | publication | withheld
validate with RMSV | repro      | publication | withheld
validate with RMSV | patch      | validate    | at publication, waits
advance  with CRA  | poc        | advance     | full, open      # reports what is exploited, not what is known
advance  with CRA  | poc; exploited        | advance     | withheld
advance  with CRA  | summary; exploited    | advance     | at publication, waits
advance            | poc; exploited        | advance     | full, open
none     with RMSV | guidance   | publication | withheld
entry    with RMSV | poc; bypass of another   | publication | withheld
advance  with RMSV | technical; variant of another | publication | reduced, open
entry    with RMSV; consent expired | summary | publication | withheld
`

/** Version 1: the tiers alone. */
export const threeTier: PolicyText = { name: "three tiers", text: tierRules, examples: tierExamples }

/** Version 2: with the duty rule. */
export const threeTierWithDuty: PolicyText = {
    name: "three tiers, with the duty rule",
    text: tierRules + dutyRules,
    examples: tierExamples + dutyExamples,
}

export const threeTierPack: Pack = {
    name: "three-tier",
    description: "A vendor's program: entry 24 hours, advance 5 days and validate 14 days before publication",
    source: {
        text: "public descriptions of MAPP's tiers: entry 24 hours, advance 5 days, validate 14 days",
        summary: "Tiers and lead times alone; the limit of 90 days is the pack's own.",
        copyDate: null,
        checkedOn: "2026-11-29",
    },
    schedule: shippedSchedule,
    embargoDaysMax: 90,
    longestEmbargoDays: 90,
    policies: [threeTier, threeTierWithDuty],
}

/**
 * Xen's predisclosure list: all members get the advisory and the patches two weeks before publication.
 *
 * Permission to deploy fixes in public before publication is part of each warning, not of the policy.
 */
import { dayMs } from "@tocsin/base/instant"
import type { Pack } from "../pack.ts"

const text = `@id("predisclosure")
@title("The predisclosure list gets the advisory, its technical detail, guidance and the patches in its wave")
permit (principal, action == Action::"receive", resource)
when {
    [Class::"summary", Class::"technical", Class::"guidance", Class::"patch"].contains(resource.class) &&
    principal.tier == Tier::"validate"
};

@id("detection-at-publication")
@title("Indicators and rules come at publication")
permit (principal, action == Action::"receiveAtPublication", resource)
when {
    [Class::"indicators", Class::"rules"].contains(resource.class) &&
    principal.tier == Tier::"validate"
};
`

const examples = `
validate | summary    | validate    | full, open
validate | patch      | validate    | full, open
validate | indicators | entry       | at publication, waits
validate | rules      | publication | at publication, open
validate | poc        | publication | withheld
validate | repro      | publication | withheld
none     | patch      | publication | withheld

# What no rule lifts, and what waits for an instant.
validate; consent expired | patch | publication | withheld
validate; consent declined | patch | publication | withheld
validate; agreement expired | patch | publication | withheld
validate; status suspended | patch | publication | withheld
validate; overdue attestation | patch | publication | withheld
validate; restricted from patch | patch | publication | withheld
validate; restricted to publication | patch | validate | at publication, waits
validate | patch; recalled | validate | withheld
validate | patch; recalled and revised | validate | full, waits
validate | patch; bypass of another | validate | full, open
validate | patch | validate; frozen | full, waits
validate | patch | validate; embargo proposed | full, waits
validate | patch | validate; embargo moved later | full, waits
validate | patch | validate; embargo terminated | full, open
`

export const xenPack: Pack = {
    name: "xen",
    description:
        "A predisclosure list: advisory and patches 14 days before publication, deployment decided for each case",
    source: {
        text: "Xen Project security policy, xenproject.org/developers/security-policy: predisclosure",
        summary:
            "Two working weeks from the predisclosure list to publication, as a starting point; published at " +
            "once where " +
            "it is exploited in the wild. The pack counts 14 days, and a person ends the embargo.",
        copyDate: null,
        checkedOn: "2026-11-29",
    },
    schedule: { validate: -14 * dayMs },
    embargoDaysMax: 90,
    longestEmbargoDays: 90,
    policies: [{ name: "predisclosure", text, examples }],
}

/**
 * Kubernetes' private distributors' list: one tier of distributors, notified some days ahead with the patch. Each can
 * then release a fixed distribution on the day. Exploit code is not shared.
 */
import { dayMs } from "@tocsin/base/instant"
import type { Pack } from "../pack.ts"

const text = `@id("distributors")
@title("Distributors get the description, guidance, indicators, rules and the patch in their wave")
permit (principal, action == Action::"receive", resource)
when {
    [Class::"summary", Class::"technical", Class::"guidance", Class::"indicators", Class::"rules", Class::"patch"]
        .contains(resource.class) &&
    principal.tier == Tier::"advance"
};

@id("steps-at-publication")
@title("Distributors get the steps to reproduce at publication")
permit (principal, action == Action::"receiveAtPublication", resource)
when { resource.class == Class::"repro" && principal.tier == Tier::"advance" };
`

const examples = `
advance | summary | validate    | full, waits
advance | patch   | advance     | full, open
advance | repro   | advance     | at publication, waits
advance | repro   | publication | at publication, open
advance | poc     | publication | withheld
entry   | patch   | publication | withheld
none    | summary | publication | withheld

# What no rule lifts, and what waits for an instant.
advance; consent expired | patch | publication | withheld
advance; consent declined | patch | publication | withheld
advance; agreement expired | patch | publication | withheld
advance; status suspended | patch | publication | withheld
advance; overdue attestation | patch | publication | withheld
advance; restricted from patch | patch | publication | withheld
advance; restricted to publication | patch | advance | at publication, waits
advance | patch; recalled | advance | withheld
advance | patch; recalled and revised | advance | full, waits
advance | patch; bypass of another | advance | full, open
advance | patch | advance; frozen | full, waits
advance | patch | advance; embargo proposed | full, waits
advance | patch | advance; embargo moved later | full, waits
advance | patch | advance; embargo terminated | full, open
`

export const kubernetesPack: Pack = {
    name: "kubernetes",
    description: "Distributors of one project, notified with the patch 7 days before publication",
    source: {
        text: "kubernetes/committee-security-response: private-distributors-list.md and security-release-process.md",
        summary:
            "Notice at least 7 days before publication; it may include patches, proofs of concept and steps " +
            "to reproduce. " +
            "The pack is stricter: steps come at publication, a proof of concept not at all.",
        copyDate: "2026-05-31",
        checkedOn: "2026-11-29",
    },
    schedule: { advance: -7 * dayMs },
    embargoDaysMax: 90,
    longestEmbargoDays: 90,
    policies: [{ name: "distributors", text, examples }],
}

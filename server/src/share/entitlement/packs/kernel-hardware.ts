/**
 * The Linux kernel's process for embargoed hardware issues.
 *
 * A partner is not part of a case automatically: each is invited to each case. After it accepts, it sees the whole case
 * and works on the mitigation. An invitation takes one person before the wave is signed, and two after the wave is
 * released.
 */
import { dayMs } from "@tocsin/base/instant"
import type { Pack } from "../pack.ts"

const text = `@id("response-team")
@title("Partners that accept the invitation get everything except attack code, in the first wave")
permit (principal, action == Action::"receive", resource)
when { resource.class != Class::"poc" && principal.tier == Tier::"validate" };

@id("proof-of-concept-at-publication")
@title("Attack code comes at publication")
permit (principal, action == Action::"receiveAtPublication", resource)
when { resource.class == Class::"poc" && principal.tier == Tier::"validate" };
`

const examples = `
validate | technical | validate    | full, open
validate | patch     | validate    | full, open
validate | repro     | validate    | full, open
validate | poc       | entry       | at publication, waits
validate | poc       | publication | at publication, open
advance  | technical | publication | withheld
none     | summary   | publication | withheld

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
validate; consent none | patch | publication | withheld    # who was not asked is not in the case
validate; consent invited | patch | publication | withheld
`

export const kernelHardwarePack: Pack = {
    name: "kernel-hardware",
    description: "Each partner is invited to each case, by two people after its wave is released; embargoes of months",
    source: {
        text: "Linux kernel, Documentation/process/embargoed-hardware-issues.rst",
        summary:
            "No fixed length: as short as development and tests allow, negotiated case by case. The pack's 90 " +
            "and 365 days " +
            "are limits of its own.",
        copyDate: null,
        checkedOn: "2026-11-29",
    },
    schedule: { validate: -90 * dayMs },
    embargoDaysMax: 365,
    longestEmbargoDays: 0,
    policies: [{ name: "response team", text, examples }],
}

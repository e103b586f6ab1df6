/**
 * The linux-distros list: all distributions get everything at once, and embargoes last 7 days at most.
 *
 * The days count from the agreement of the embargo. Partners cannot be notified before that.
 */
import { dayMs } from "@tocsin/base/instant"
import type { Pack } from "../pack.ts"

const text = `@id("members")
@title("Members get everything in their wave")
permit (principal, action == Action::"receive", resource)
when { principal.tier == Tier::"validate" };
`

const examples = `
validate | summary | validate    | full, open
validate | patch   | validate    | full, open
validate | poc     | validate    | full, open
advance  | summary | publication | withheld
none     | summary | publication | withheld

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

export const linuxDistrosPack: Pack = {
    name: "linux-distros",
    description: "Distributions that get everything at once, under embargoes of 7 days at most",
    source: {
        text: "linux-distros list policy, oss-security.openwall.org/wiki/mailing-lists/distros: the longest embargo",
        summary:
            "14 days at most; shorter than 7 days is preferred. The pack allows 7, so that none is longer " +
            "than preferred. " +
            "A message to oss-security of this day quotes the page.",
        copyDate: "2026-04-28",
        checkedOn: "2026-11-29",
    },
    schedule: { validate: -7 * dayMs },
    embargoDaysMax: 7,
    longestEmbargoDays: 7,
    policies: [{ name: "members", text, examples }],
}

/** Random requests about partners, people, rules, and releases. */
import fc from "fast-check"
import { dayMs, formatInstant, parseInstant } from "@tocsin/base/instant"
import { operatorRoles } from "../../../server/src/trust/identity/person.ts"
import { tiers } from "../../../server/src/trust/partners/partner.ts"
import { shippedRules } from "../../../server/src/trust/partners/program-rules.ts"
import { type Tried, identifiedKeys, ofCase, partnerKeys, post, put } from "./tried.ts"

const at = fc.constantFrom(...partnerKeys).map((key) => `/api/partners/<${key}>`)
const on = fc
    .constantFrom(...partnerKeys, ...identifiedKeys)
    .map((key) => ({ partner: `<${key}>`, reason: "it was looked into" }))
const wave = (action: string) => fc.nat(3).map((n) => `/api/waves/<wave ${n}>${action}`)
const nothing = fc.constant({})
const duty = {
    regime: "RMSV",
    appliesTo: "any",
    trigger: "any_known",
    deadlines: [{ report: "report", hours: 48, after: "becoming_aware" }],
    date: "2021-07-12",
    authority: "MIIT",
}
const profile = { ...duty, proofOfConceptDemanded: false, onwardSharingKnown: true, source: "its own statement" }
const withheld = fc.subarray(["poc", "repro"], { minLength: 1 })

const urgency = fc.boolean().map((urgent) => ({ urgent }))

const aboutPartners = [
    put(
        at.map((item) => `${item}/tier`),
        fc.constantFrom(...tiers).map((tier) => ({ tier })),
    ),
    put(
        at.map((item) => `${item}/status`),
        fc.constantFrom("invited", "active", "declined").map((status) => ({ status })),
    ),
    put(
        at.map((item) => `${item}/reporting-duties`),
        fc.constantFrom([], [profile]).map((duties) => ({ duties })),
    ),
    post(
        at.map((item) => `${item}/roster`),
        fc.constant({ name: "A Person", mail: "person@partner.example", roles: ["lead"] }),
    ),
    post(
        fc.constantFrom(...partnerKeys).map((key) => `/api/partners/<${key}>/roster/<lead ${key}>/sign-in-links`),
        urgency,
    ),
    post(
        fc.constant("/api/measures"),
        on.map((input) => ({ ...input, kind: "interim_suspension" })),
    ),
    post(
        fc.constant("/api/measures"),
        fc.tuple(on, withheld).map(([input, withhold]) => ({ ...input, kind: "restrict", withhold })),
    ),
    post(
        fc.constant("/api/measures/relax"),
        fc.tuple(on, withheld).map(([{ partner }, withhold]) => ({ partner, withhold })),
    ),
    post(fc.constant("/api/measures/lift"), on),
    post(
        fc.constant("/api/measures/reinstate"),
        fc.constantFrom("tidewater", "tidewater", ...identifiedKeys, ...partnerKeys).map((key) => ({
            partner: `<${key}>`,
            reason: "It was looked into.",
        })),
    ),
]

const grace = (graceDays: number) => ({
    ...shippedRules.requirements,
    kinds: { ...shippedRules.requirements.kinds, mailbox: { ...shippedRules.requirements.kinds.mailbox, graceDays } },
})

const aboutProgram = [
    put(
        fc.constant("/api/program-rules/requirements"),
        fc.constantFrom(20, 30, 40).map((days) => ({ rules: grace(days) })),
    ),
    put(
        fc.constant("/api/program-rules/aggregates"),
        fc.record({ notified: fc.boolean(), groupMin: fc.constantFrom(5, 6) }).map((rules) => ({ rules })),
    ),
    // It applies after its notice period.
    post(
        fc.constant("/api/agreements"),
        fc.constantFrom(30, 200, 365).map((longestEmbargoDays) => ({
            text: "Keep it to yourselves. ".repeat(10),
            termDays: null,
            longestEmbargoDays,
        })),
    ),
    post(
        fc.constantFrom(2022, 2023, 2024).map((year) => `/api/statistics/${year}/publish`),
        nothing,
    ),
    post(
        fc.constantFrom(1, 2).map((version) => `/api/policies/${version}/activate`),
        nothing,
    ),
    post(fc.constant("/api/policies/1/request-approval"), nothing),
]

const aboutPersons = [
    post(
        fc.constant("/api/staff"),
        fc
            .subarray([...operatorRoles], { minLength: 1 })
            .map((roles) => ({ name: "An Account", mail: "account@northlight.example", roles })),
    ),
    post(
        fc.integer({ min: 6, max: 11 }).map((n) => `/api/staff/<person ${n}>/recovery`),
        urgency,
    ),
    put(
        // Only people that other steps do not need, because one removal would block them.
        fc.integer({ min: 6, max: 11 }).map((n) => `/api/staff/<person ${n}>/roles`),
        fc.subarray([...operatorRoles], { minLength: 1 }).map((roles) => ({ roles })),
    ),
]

const aboutWaves = [
    // Frozen content cannot be read.
    post(fc.oneof({ weight: 12, arbitrary: wave("/release") }, { weight: 1, arbitrary: wave("/freeze") }), nothing),
    post(wave("/unfreeze"), nothing),
    put(
        fc.nat(2).map((n) => `/api/waves/<wave ${n}>`),
        fc.constantFrom(24, 120, 300, 336).map((hoursBefore) => ({ hoursBefore })),
    ),
    // Separate cases, because an emergency release makes them public and ends further tries.
    post(
        fc.nat(2).map((n) => `/api/cases/<small ${n}>/emergency-release`),
        fc.constant({ reason: "It is all over the net." }),
    ),
    post(
        fc.nat(4).map((n) => `/api/recalls/<recall ${n}>/lift`),
        nothing,
    ),
    post(
        fc.nat(10).map((n) => `/api/artifacts/<artifact ${n}>/release-late`),
        nothing,
    ),
]

export const sharing: fc.Arbitrary<Tried> = fc.oneof(...aboutPartners, ...aboutProgram, ...aboutPersons, ...aboutWaves)

const vector = "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"

/** Needs two people if an active policy names the other case. */
export const linked: fc.Arbitrary<Tried> = fc.oneof(
    post(
        fc.constant(`${ofCase}/links`),
        fc.nat(3).map((n) => ({ to: `<case ${n}>`, kind: "variant_of" })),
    ),
    post(
        fc.nat(3).map((n) => `/api/cases/<case ${n}>/links`),
        fc.constant({ to: "<toolshell>", kind: "variant_of" }),
    ),
)

/** About the case. */
export const caseTries: fc.Arbitrary<Tried> = fc.oneof(
    post(
        fc.constant(`${ofCase}/embargo-entries`),
        fc.integer({ min: 3, max: 60 }).map((days) => ({
            action: "move",
            reason: "It was agreed with the vendor.",
            endsAt: formatInstant(parseInstant("2025-07-05T17:00:00Z") + days * dayMs),
        })),
    ),
    put(
        fc.constant(`${ofCase}/deployment-permission`),
        fc.constantFrom("One text.", "Another text.").map((text) => ({ deployment: "allowed", text })),
    ),
    put(
        fc.constant(ofCase),
        fc.constantFrom("One title", "Another title").map((title) => ({
            title,
            finder: "",
            vulnerabilities: [{ cve: "CVE-2025-49704", cwe: "CWE-94", products: [], score: 8.8, vector }],
        })),
    ),
    linked,
    // One version of one text, because recalled content cannot be read.
    post(
        fc.nat(10).map((n) => `/api/artifacts/<artifact ${n}>/recalls`),
        fc.constant({ version: 1, reason: "It has a mistake." }),
    ),
    post(
        fc.constant(`${ofCase}/invitations`),
        fc.constantFrom(...partnerKeys).map((key) => ({ partner: `<${key}>` })),
    ),
    post(
        fc.constant(`${ofCase}/invite-tier`),
        fc.constantFrom(...tiers).map((tier) => ({ tier })),
    ),
)

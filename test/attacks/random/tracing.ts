/** Random requests about evidence, inquiries, regulatory clocks, and measures. */
import fc from "fast-check"
import { type Tried, identifiedKeys, post } from "./tried.ts"

const constant = fc.constant({ reason: "It was looked into." })
const nth = (most: number, path: (n: number) => string) => fc.nat(most).map(path)
const identified = fc.constantFrom(...identifiedKeys).map((key) => `<${key}>`)
/** Investigators and approvers, and sometimes a person who can never be a member. */
const person = fc.constantFrom(2, 3, 3, 4, 5, 7).map((n) => `<person ${n}>`)
const seen = { source: "a site", observedAt: "2025-07-01T00:00:00Z", clock: "unknown", case: "<toolshell>" }

const aboutEvidence = [
    post(
        fc.constant("/api/evidence"),
        fc.constantFrom(
            { ...seen, kind: "leak", name: "note.txt", content: "It is said that something is wrong." },
            { ...seen, kind: "exploitation" },
            { ...seen, kind: "public_proof_of_concept" },
        ),
    ),
    post(
        nth(4, (n) => `/api/evidence/<evidence ${n}>/hold`),
        constant,
    ),
    ...["delete", "hold/lift"].map((action) =>
        post(
            nth(4, (n) => `/api/evidence/<evidence ${n}>/${action}`),
            constant,
        ),
    ),
    // The key of a document, without an inquiry and for one.
    post(
        nth(1, (n) => `/api/attributions/<attribution ${n}>/disclose-keys`),
        fc.constantFrom({}, { inquiry: "<inquiry 0>" }, { inquiry: "<inquiry 1>" }),
    ),
]

const inquiry = (action: string) => nth(2, (n) => `/api/inquiries/<inquiry ${n}>${action}`)

const aboutInquiries = [
    post(
        fc.constant("/api/inquiries"),
        fc
            .record({ members: fc.uniqueArray(person, { minLength: 2, maxLength: 3 }), evidence: fc.nat(4) })
            .map(({ members, evidence: n }) => ({
                case: "<toolshell>",
                title: "The paste",
                members,
                evidence: [`<evidence ${n}>`],
            })),
    ),
    post(
        inquiry("/expand"),
        fc.tuple(person, fc.nat(4)).map(([item, n]) => ({ members: [item], evidence: [`<evidence ${n}>`] })),
    ),
    post(
        inquiry("/exclude"),
        person.map((item) => ({ person: item, reason: "It has a stake." })),
    ),
    post(
        inquiry("/questions"),
        identified.map((partner) => ({ kind: "question", partner, text: "Who had it?", answerBy: "<in 7 days>" })),
    ),
    ...[1, 2].map(() =>
        post(
            inquiry("/propose-finding"),
            fc.tuple(identified, fc.constantFrom("2.2", "2.4", null)).map(([partner, obligation]) => ({
                partner,
                obligation,
                conclusion: "Its copy was pasted by somebody.",
                confidence: "high",
            })),
        ),
    ),
    post(inquiry("/close"), fc.constant({ outcome: "explained", reason: "It says how." })),
    post(inquiry("/reopen"), constant),
]

const decided = fc.constantFrom(
    { outcome: "none" },
    { outcome: "reprimand" },
    { outcome: "suspension", returnFrom: "<in 1 days>", terms: "An access log." },
)

const decisions = (action: string) =>
    post(
        nth(2, (n) => `/api/procedures/<procedure ${n}>/${action}`),
        decided.map((input) => ({ ...input, reason: "It was its copy." })),
    )
/** Decisions first, and then their appeals. */
export const deciding: fc.Arbitrary<Tried> = decisions("decide")
export const hearing: fc.Arbitrary<Tried> = decisions("decide-appeal")

const aboutMeasures = [
    post(
        fc.constant("/api/procedures"),
        fc.tuple(fc.nat(2), fc.nat(3)).map(([total, n]) => ({
            inquiry: `<inquiry ${total}>`,
            finding: `<finding ${n}>`,
            reason: "It was found.",
        })),
    ),
    deciding,
    hearing,
    post(
        nth(3, (n) => `/api/measures/<measure ${n}>/extend`),
        fc.constantFrom(
            { reason: "It lasts.", reviewBy: "<in 30 days>" },
            { reason: "It waits.", procedure: "<procedure 0>" },
        ),
    ),
]

const aboutClocks = [
    post(
        fc.constant("/api/regulatory-clocks"),
        fc.constant({
            case: "<toolshell>",
            regime: "cra-vulnerability",
            awareAt: "<in 0 days>",
            reason: "It is in logs.",
        }),
    ),
    post(
        nth(2, (n) => `/api/regulatory-clocks/<clock ${n}>/close`),
        fc.constant({ reason: "It does not apply." }),
    ),
    post(
        nth(2, (n) => `/api/regulatory-clocks/<clock ${n}>/correct-awareness`),
        fc.constant({ awareAt: "<in 0 days>", reason: "It was later." }),
    ),
]

export const tracing: fc.Arbitrary<Tried> = fc.oneof(
    { weight: 6, arbitrary: fc.oneof(...aboutEvidence) },
    { weight: 6, arbitrary: fc.oneof(...aboutInquiries) },
    { weight: 6, arbitrary: fc.oneof(...aboutMeasures) },
    { weight: 1, arbitrary: fc.oneof(...aboutClocks) },
)

/** Two people confirm distrusted clocks. */
export const attesting: Tried = { method: "POST", path: "/api/clock/confirm", body: {} }

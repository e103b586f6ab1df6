/** Random sequences of requests, signatures and applications, with other events between them. */
import fc from "fast-check"
import { caseTries, linked, sharing } from "./sharing.ts"
import { attesting, deciding, hearing, tracing } from "./tracing.ts"
import { type Tried, identifiedKeys, partnerKeys } from "./tried.ts"

interface Try extends Tried {
    readonly who: number
    /** The index of the approval to send with it, counted from the latest. */
    readonly with: number | null
}

export type Command =
    | ({ readonly do: "try" } & Try)
    | { readonly do: "sign" | "void" | "carry out"; readonly who: number; readonly which: number }
    /** A new version with an hour's notice, which all accept except these. */
    | { readonly do: "agreement"; readonly days: number | null; readonly silent: readonly string[] }
    | { readonly do: PartnerAct; readonly key: string }
    | { readonly do: "wait"; readonly hours: number }
    /** The clock guard detects a jump, or the end of one. */
    | { readonly do: "clocks"; readonly jumped: boolean }

/** Actions of a partner's lead. */
export const partnerActs = [
    "accepts",
    "declines",
    "leaves",
    "accepts the agreement",
    "sees it exploited",
    "takes that back",
    "is protected",
    "answers",
    "appeals",
    "has deleted",
] as const
export type PartnerAct = (typeof partnerActs)[number]

/** Mostly people with permission (a manager, a manager who signs, an admin who signs, another signer), and others. */
const oneof = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(0, 2, 3, 5) }, { weight: 1, arbitrary: fc.nat(11) })
/** For traces: mostly the investigators, one of whom also signs. */
const tracer = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(4, 4, 5) }, { weight: 2, arbitrary: oneof })
const signer = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(2, 3, 5) }, { weight: 1, arbitrary: fc.nat(11) })
const which = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) })

const trying = (attempts: fc.Arbitrary<Tried>, by: fc.Arbitrary<number>) =>
    fc
        .tuple(attempts, by, fc.option(fc.nat(3)))
        .map(([tried, value, at]): Command => ({ do: "try", ...tried, who: value, with: at }))
const plainly = (attempts: fc.Arbitrary<Tried>, by: fc.Arbitrary<number>) =>
    fc.tuple(attempts, by).map(([tried, value]): Command => ({ do: "try", ...tried, who: value, with: null }))

/** One partner never leaves, because that is permanent and there must be a reader. */
const byPartner = fc
    .record({ do: fc.constantFrom(...partnerActs), key: fc.constantFrom("halcyon", ...partnerKeys, ...identifiedKeys) })
    .filter((input) => input.key !== "halcyon" || (input.do !== "leaves" && input.do !== "declines"))

const item: fc.Arbitrary<Command> = fc.oneof(
    { weight: 2, arbitrary: plainly(caseTries, fc.nat(2)) },
    { weight: 5, arbitrary: byPartner },
    {
        weight: 1,
        arbitrary: fc.record({
            do: fc.constant("agreement" as const),
            days: fc.constantFrom(365, 365, 365, 365, 30, null),
            silent: fc.subarray([...partnerKeys]),
        }),
    },
    { weight: 4, arbitrary: trying(sharing, oneof) },
    { weight: 4, arbitrary: plainly(tracing, tracer) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("sign" as const), who: signer, which }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("void" as const), who: oneof, which }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("carry out" as const), who: tracer, which }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const), hours: fc.integer({ min: 1, max: 13 }) }) },
)

/** Requested, signed and applied by random people, with other events between. */
const several = (tried: fc.Arbitrary<Tried>, by: fc.Arbitrary<number>, between: fc.Arbitrary<Command | null>) =>
    fc
        .record({ tried, by, second: signer, carrier: by, first: between, last: between })
        .map((input): Command[] => [
            { do: "try", ...input.tried, who: input.by, with: null },
            ...(input.first ? [input.first] : []),
            { do: "sign", who: input.second, which: 0 },
            ...(input.last ? [input.last] : []),
            { do: "carry out", who: input.carrier, which: 0 },
        ])

const shared = fc.oneof({ weight: 8, arbitrary: sharing }, { weight: 1, arbitrary: caseTries })
const nothing = fc.constant(null)
const tryOf = (who_: number, tried: Tried): Command => ({ do: "try", ...tried, who: who_, with: null })

/** One person's preparation for an action of two, and then the action by random people. */
const prepared = (first: Command, tried: Tried, last: Command[] = []) =>
    several(fc.constant(tried), oneof, nothing).map((commands): Command[] => [first, ...commands, ...last])
const thaw: Tried = { method: "POST", path: "/api/waves/<wave 0>/unfreeze", body: {} }
const rewritten: Tried = { method: "PUT", path: "/api/artifacts/<summary 0>", body: { content: "Said anew.\n" } }
const late: Tried = { method: "POST", path: "/api/artifacts/<summary 0>/release-late", body: {} }
const afterOne = fc.oneof(
    prepared({ do: "clocks", jumped: true }, attesting, [{ do: "clocks", jumped: false }]),
    // Two people with permission unfreeze it, so that there is content to read.
    prepared(tryOf(2, { ...thaw, path: "/api/waves/<wave 0>/freeze" }), thaw, [
        tryOf(0, thaw),
        { do: "sign", who: 3, which: 0 },
        { do: "carry out", who: 0, which: 0 },
    ]),
    prepared(tryOf(0, rewritten), late),
)

const appealed = fc
    .tuple(several(deciding, tracer, nothing), fc.constantFrom(...identifiedKeys), several(hearing, tracer, nothing))
    .map(([first, key, last]): Command[] => [...first, { do: "appeals", key }, ...last])

export const commands = fc
    .array(
        fc.oneof(
            { weight: 11, arbitrary: several(shared, oneof, fc.option(item, { freq: 4 })) },
            { weight: 11, arbitrary: several(tracing, tracer, fc.option(item, { freq: 4 })) },
            { weight: 2, arbitrary: afterOne },
            { weight: 2, arbitrary: appealed },
            { weight: 1, arbitrary: several(linked, oneof, nothing) },
        ),
        { minLength: 18, maxLength: 18 },
    )
    .map((commands) => commands.flat())

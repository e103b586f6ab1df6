/** Finds, in the log, actions that lacked a second person, or that an excluded person took part in. */
import { dayMs } from "@tocsin/base/instant"
import { separateOwners } from "@tocsin/marks/recipient"
import type { Demonstration } from "../../support/demonstration.ts"
import { type Event, Oracle, listed } from "./oracle.ts"

/** The log's events, with the text of rules, which an event does not contain. */
export async function events({ services }: Demonstration): Promise<Event[]> {
    return await services.db.transaction((tx) =>
        tx.query<Event>(
            `select events.kind, at, events.xmin::text as tx,
                 body || coalesce(jsonb_build_object('rules', rules), '{}') as body
             from events left join program_rules its on events.kind = 'program_rules.set'
                 and its.kind = body->>'rulesKind' and its.version = (body->>'version')::integer
             order by seq`,
        ),
    )
}

/** The two people behind an action. */
interface Two {
    readonly action: string
    readonly asker: unknown
    readonly signer: unknown
}

/** The people behind each account. */
class Lines {
    private readonly makers = new Map<unknown, unknown>()

    learn({ kind, body }: Event): void {
        if (kind === "person.joined") this.makers.set(body["person"], body["by"])
    }

    behind(person: unknown): unknown[] {
        const maker = this.makers.get(person) ?? null
        return maker === null ? [person] : [person, ...this.behind(maker)]
    }

    related(item: unknown, other: unknown): boolean {
        return this.behind(item).includes(other) || this.behind(other).includes(item)
    }
}

/** People excluded from tracing: non-members, identified people, and earlier deciders. */
class Parts {
    private readonly lines: Lines
    private readonly members = new Map<unknown, Set<unknown>>()
    private readonly excluded = new Map<unknown, Set<unknown>>()
    private readonly named = new Map<unknown, Set<unknown>>()
    private readonly held = new Set<unknown>()
    private readonly deleted = new Set<unknown>()
    private readonly takers = new Map<unknown, unknown>()
    private readonly deciders = new Map<unknown, Two>()

    constructor(lines: Lines) {
        this.lines = lines
    }

    /** Lists the violations of this event. `two` null: one person did it. */
    against({ kind, body }: Event, two: Two | null): string[] {
        const { inquiry } = body
        const list = [body["by"], ...(two ? [two.asker, two.signer] : [])]
        const wrong: string[] = []
        if (kind === "inquiry.opened") this.members.set(inquiry, new Set([body["by"]]))
        if (typeof inquiry === "string" && /^(inquiry|tracing_instruction|finding|marks)\./.test(kind)) {
            const set = setIn(this.members, inquiry)
            if (!list.every((item) => set.has(item))) wrong.push("somebody is no member")
        }
        if (
            this.deleted.has(body["evidence"]) &&
            /^evidence\.(note_added|hold_placed|hold_lifted|deleted)$|^attribution\.created$/.test(kind)
        ) {
            wrong.push("it was deleted")
        }
        if (/^(evidence\.(deleted|hold_lifted)|marks\.keys_disclosed)$/.test(kind)) {
            const set = setIn(this.named, body["evidence"])
            if (list.some((item) => set.has(item))) wrong.push("it names one of them")
            if (kind === "evidence.deleted" && this.held.has(body["evidence"])) wrong.push("it is held")
        }
        if (two !== null && this.areBarred(kind, body, two)) wrong.push("one of them has decided before")
        this.learn(kind, body, two)
        return wrong
    }

    private areBarred(kind: string, body: Event["body"], { action, asker, signer }: Two): boolean {
        const taker = this.takers.get(body["measure"])
        const isTaker = (item: unknown) => taker !== undefined && this.lines.related(taker, item)
        if (kind === "measure.reviewed") return isTaker(asker) || isTaker(signer)
        if (kind === "measure.ended") return action.startsWith("partner.") && isTaker(signer)
        const before = kind === "procedure.appeal_decided" ? this.deciders.get(body["procedure"]) : undefined
        return [before?.asker, before?.signer].some(
            (item) => item !== undefined && (this.lines.related(item, asker) || this.lines.related(item, signer)),
        )
    }

    private learn(kind: string, body: Event["body"], two: Two | null): void {
        const { inquiry, evidence } = body
        if (kind === "inquiry.expanded") {
            for (const item of listed(body["members"])) {
                if (!setIn(this.excluded, inquiry).has(item)) setIn(this.members, inquiry).add(item)
            }
        }
        if (kind === "inquiry.person_excluded") {
            setIn(this.members, inquiry).delete(body["person"])
            setIn(this.excluded, inquiry).add(body["person"])
        }
        if (kind === "attribution.created") {
            const names = [...listed(body["identified"]), ...listed(body["quoted"])]
            for (const person of separateOwners(names).people) setIn(this.named, evidence).add(person)
        }
        if (kind === "evidence.hold_placed") this.held.add(evidence)
        if (kind === "evidence.hold_lifted") this.held.delete(evidence)
        if (kind === "evidence.deleted") this.deleted.add(evidence)
        if (kind === "measure.taken" && two === null) this.takers.set(body["measure"], body["by"])
        if (kind === "procedure.decided" && two !== null) this.deciders.set(body["procedure"], two)
    }

    membersOf(inquiry: string): ReadonlySet<unknown> {
        return setIn(this.members, inquiry)
    }

    inquiries(): string[] {
        return [...this.members.keys()].map(String)
    }
}

function setIn(list: Map<unknown, Set<unknown>>, key: unknown): Set<unknown> {
    const entries = list.get(key) ?? new Set()
    list.set(key, entries)
    return entries
}

/** Returns the members of each inquiry at the end. */
export function membersBy(events: readonly Event[]): Pick<Parts, "membersOf" | "inquiries"> {
    const parts = new Parts(new Lines())
    for (const event of events) parts.against(event, null)
    return parts
}

/** An applied signature, with its transaction. */
interface Use extends Two {
    readonly tx: string
    readonly askedAt: number
    readonly signedAt: number
    /** What it was applied for. */
    readonly spent: Set<string>
}

/** Lists violations in the log, and counts actions of two people. */
export function judge(events: readonly Event[], from: number): Map<string, number> {
    const [oracle, lines] = [new Oracle(), new Lines()]
    const parts = new Parts(lines)
    const [requests, signatures] = [new Map<unknown, Event>(), new Map<unknown, Event>()]
    const used = new Set<unknown>()
    const counts = new Map<string, number>()
    let use: Use | null = null
    for (const [i, event] of events.entries()) {
        const { kind, body } = event
        lines.learn(event)
        if (kind === "approval.requested") requests.set(body["approval"], event)
        if (kind === "approval.signed") signatures.set(body["approval"], event)
        if (use?.tx !== event.tx) use = null
        const acts = oracle.mustBe(event)
        if (i >= from && acts !== null) {
            mustBeSigned(event, acts, use, lines)
            counts.set(kind, (counts.get(kind) ?? 0) + 1)
        }
        const wrong = parts.against(event, use)
        if (i >= from && wrong.length > 0) blame(wrong.join(", "), event)
        if (kind === "approval.applied") {
            if (used.has(body["approval"])) blame("an approval is used once", event)
            used.add(body["approval"])
            use = useOf(event, requests.get(body["approval"]), signatures.get(body["approval"]))
        }
    }
    return counts
}

function useOf({ tx, body }: Event, request: Event | undefined, signature: Event | undefined): Use {
    if (!request || !signature) throw new Error(`nobody asked, or signed, for ${String(body["approval"])}`)
    const two = { asker: request.body["by"], signer: signature.body["by"] }
    return { ...two, action: String(body["action"]), tx, askedAt: request.at, signedAt: signature.at, spent: new Set() }
}

/** An application covers one object of a kind; an emergency release covers all waves of its embargo. */
function mustBeSigned(event: Event, acts: readonly string[], use: Use | null, lines: Lines): void {
    if (use === null) blame("nothing was signed", event)
    if (!acts.includes(use.action)) blame(`\`${use.action}\` was signed`, event)
    // An admission sends a link to each person.
    const to = event.kind === "mailbox.link_sent" ? event.body["person"] : null
    const thing = JSON.stringify([event.kind, event.body["procedure"], to])
    if (use.action !== "embargo.terminate" && use.spent.has(thing)) blame("one signature did two things", event)
    use.spent.add(thing)
    const other = lines.behind(use.signer)
    if (lines.behind(use.asker).some((person) => other.includes(person))) blame("both are one person", event)
    if (!(use.signedAt - use.askedAt < dayMs)) blame("it was signed too late", event)
}

function blame(reason: string, { kind, body }: Event): never {
    throw new Error(`${reason}: ${kind} ${JSON.stringify(body)}`)
}

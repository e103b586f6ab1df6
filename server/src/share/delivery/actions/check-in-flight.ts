/** Whether what is under way to a partner's person may still be seen: asked again and again, and decided anew where anything has changed. */
import type { Instant } from "@tocsin/base/instant"
import { type State, isUnchanged, findStateNow } from "../../../kernel/change-detection.ts"
import type { Db } from "../../../platform/postgres/db.ts"
import { type Text, WhileSeen } from "../../../kernel/route.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { recalledAt } from "../../artifacts/actions/find-recalls.ts"
import { isRecalled } from "../../artifacts/recall.ts"
import { aliasFor } from "./aliases.ts"
import { partnerOf, warningsFor } from "./projection.ts"

/** Of an answer: cases, and versions of their artifacts. */
export interface Content {
    readonly cases: readonly string[]
    readonly versions: readonly ArtifactVersion[]
}

export const versionOf = ({ artifact, version }: ArtifactVersion): ArtifactVersion => ({ artifact, version })

/** A text that is cut while it is under way, once any of it may not be seen any more. */
export type Cuttable = Text | WhileSeen<ActionContext, Text>

/** What comes by time alone is noted by nobody. */
const decidedMsMax = 30_000
/** So many people's sight is remembered, of each database. */
const peopleMax = 500

/** What a partner's person can see: as the partner knows it. */
interface Sight {
    readonly state: State | null
    readonly at: Instant
    readonly warnings: ReadonlySet<string>
    readonly artifacts: ReadonlySet<string>
    readonly recalled: Awaited<ReturnType<typeof recalledAt>>
}

/** Decided once for all that is under way to a person, as long as nothing has changed. */
const sights = new WeakMap<Db, Map<string, Sight>>()

/** The answer, which is cut while it is under way once any of its content may not be seen any more. `content` is held as long. */
export function whileSeen<Answer>(answer: Answer, content: Content): WhileSeen<ActionContext, Answer> {
    return new WhileSeen(answer, async (ctx) => isSeen(ctx, await sightNow(ctx), content))
}

async function sightNow(ctx: ActionContext): Promise<Sight> {
    const { tx, services } = ctx
    const { partner, person } = partnerOf(ctx)
    const known = sights.get(services.db) ?? new Map<string, Sight>()
    sights.set(services.db, known)
    const before = known.get(person)
    const isFresh = before !== undefined && services.realNow() - before.at < decidedMsMax
    if (before?.state && isFresh && (await isUnchanged(tx, services.clock, before.state, partner)).same) return before
    // Asked before what is read is read.
    const state = await findStateNow(tx, services.clock)
    const [warnings, recalled] = await Promise.all([warningsFor(ctx, partner), recalledAt(ctx, ctx.now)])
    // A newer version may be open by now: of the one that is under way it says nothing.
    const open = warnings.flatMap(({ artifacts }) =>
        artifacts.flatMap(({ id, version }) => (version === null ? [] : [id])),
    )
    const names = new Set(warnings.map(({ id }) => id))
    const sight = { state, at: services.realNow(), warnings: names, artifacts: new Set(open), recalled }
    known.delete(person)
    known.set(person, sight)
    for (const oldest of known.keys()) {
        if (known.size <= peopleMax) break
        known.delete(oldest)
    }
    return sight
}

function isSeen(ctx: ActionContext, { warnings, artifacts, recalled }: Sight, { cases, versions }: Content): boolean {
    const { partner } = partnerOf(ctx)
    const name = (kind: "warning" | "artifact", id: string) => aliasFor(ctx.services.keys, partner, kind, id)
    const isOpen = ({ artifact, version }: ArtifactVersion) =>
        artifacts.has(name("artifact", artifact)) && !isRecalled(recalled.get(artifact) ?? [], version)
    return cases.every((id) => warnings.has(name("warning", id))) && versions.every(isOpen)
}

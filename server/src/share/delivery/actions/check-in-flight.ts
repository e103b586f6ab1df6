/**
 * Checks, while an answer is being sent, whether the partner's person may still see it. The check is cheap while
 * nothing has changed.
 */
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

/** The content of an answer: cases, and versions of their artifacts. */
export interface Content {
    readonly cases: readonly string[]
    readonly versions: readonly ArtifactVersion[]
}

export const versionOf = ({ artifact, version }: ArtifactVersion): ArtifactVersion => ({ artifact, version })

/** A text that is cut in flight once any part of it may no longer be seen. */
export type Cuttable = Text | WhileSeen<ActionContext, Text>

/** Changes by time alone are not noted in the state, so access is decided again after this time. */
const decidedMsMax = 30_000
/** The number of people for which access is cached, in each database. */
const peopleMax = 500

/** What a partner's person can see, by the partner's aliases. */
interface Sight {
    readonly state: State | null
    readonly at: Instant
    readonly warnings: ReadonlySet<string>
    readonly artifacts: ReadonlySet<string>
    readonly recalled: Awaited<ReturnType<typeof recalledAt>>
}

/** Cached access, decided once for all answers in flight to a person while nothing has changed. */
const sights = new WeakMap<Db, Map<string, Sight>>()

/** Wraps an answer so that it is cut in flight once any of its `content` may no longer be seen. */
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
    // The state must be read before the content.
    const state = await findStateNow(tx, services.clock)
    const [warnings, recalled] = await Promise.all([warningsFor(ctx, partner), recalledAt(ctx, ctx.now)])
    // A newer version may be open by now; the version in flight does not depend on it.
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

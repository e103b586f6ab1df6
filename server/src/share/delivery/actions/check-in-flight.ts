/**
 * Checks, while an answer is being sent, whether the partner's person may still see it. The check is cheap while
 * nothing has changed.
 */
import type { Instant } from "@tocsin/base/instant"
import { type FeedState, isUnchanged, findFeedState } from "../../../kernel/change-detection.ts"
import type { Db } from "../../../platform/postgres/db.ts"
import { type TextAnswer, RevocableAnswer } from "../../../kernel/route.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listRecalledVersions } from "../../artifacts/actions/recall-artifact.ts"
import { isRecalled } from "../../artifacts/recall.ts"
import { aliasFor } from "./resolve-alias.ts"
import { partnerOf, listWarnings } from "./project-warnings.ts"

/** The content of an answer: cases, and versions of their artifacts. */
export interface ServedContent {
    readonly cases: readonly string[]
    readonly versions: readonly ArtifactVersion[]
}

export const versionOf = ({ artifact, version }: ArtifactVersion): ArtifactVersion => ({ artifact, version })

/** A text that is cut in flight once any part of it may no longer be seen. */
export type RevocableText = TextAnswer | RevocableAnswer<ActionContext, TextAnswer>

/** Changes by time alone are not noted in the state, so access is decided again after this time. */
const cachedMsMax = 30_000
/** The number of people for which access is cached, in each database. */
const peopleMax = 500

/** What a partner's person can see, by the partner's aliases. */
interface VisibleContent {
    readonly state: FeedState | null
    readonly at: Instant
    readonly warnings: ReadonlySet<string>
    readonly artifacts: ReadonlySet<string>
    readonly recalled: Awaited<ReturnType<typeof listRecalledVersions>>
}

/** Cached access, decided once for all answers in flight to a person while nothing has changed. */
const visibleContents = new WeakMap<Db, Map<string, VisibleContent>>()

/** Wraps an answer so that it is cut in flight once any of its `content` may no longer be seen. */
export function whileVisible<Answer>(answer: Answer, content: ServedContent): RevocableAnswer<ActionContext, Answer> {
    return new RevocableAnswer(answer, async (ctx) => isVisible(ctx, await loadVisibleContent(ctx), content))
}

async function loadVisibleContent(ctx: ActionContext): Promise<VisibleContent> {
    const { tx, services } = ctx
    const { partner, person } = partnerOf(ctx)
    const known = visibleContents.get(services.db) ?? new Map<string, VisibleContent>()
    visibleContents.set(services.db, known)
    const before = known.get(person)
    const isFresh = before !== undefined && services.realNow() - before.at < cachedMsMax
    if (before?.state && isFresh && (await isUnchanged(tx, services.clock, before.state, partner)).same) return before
    // The state must be read before the content.
    const state = await findFeedState(tx, services.clock)
    const [warnings, recalled] = await Promise.all([listWarnings(ctx, partner), listRecalledVersions(ctx, ctx.now)])
    // A newer version may be open by now; the version in flight does not depend on it.
    const openArtifacts = warnings.flatMap(({ artifacts }) =>
        artifacts.flatMap(({ id, version }) => (version === null ? [] : [id])),
    )
    const warningAliases = new Set(warnings.map(({ id }) => id))
    const visible = {
        state,
        at: services.realNow(),
        warnings: warningAliases,
        artifacts: new Set(openArtifacts),
        recalled,
    }
    known.delete(person)
    known.set(person, visible)
    for (const oldest of known.keys()) {
        if (known.size <= peopleMax) break
        known.delete(oldest)
    }
    return visible
}

function isVisible(
    ctx: ActionContext,
    { warnings, artifacts, recalled }: VisibleContent,
    { cases, versions }: ServedContent,
): boolean {
    const { partner } = partnerOf(ctx)
    const alias = (kind: "warning" | "artifact", id: string) => aliasFor(ctx.services.keys, partner, kind, id)
    const isOpen = ({ artifact, version }: ArtifactVersion) =>
        artifacts.has(alias("artifact", artifact)) && !isRecalled(recalled.get(artifact) ?? [], version)
    return cases.every((id) => warnings.has(alias("warning", id))) && versions.every(isOpen)
}

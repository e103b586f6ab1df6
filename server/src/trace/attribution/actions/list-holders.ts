/**
 * Lists who else could have passed on a text, by the audit log. Marks cannot distinguish these people from the owner of
 * the copy.
 */
import type { Instant } from "@tocsin/base/instant"
import { findVersionAuthor } from "../../../share/artifacts/actions/load-artifacts.ts"
import { listPartnersServedUnmarked } from "../../../share/delivery/actions/list-exposure.ts"
import { isApprovalVisible } from "../../../trust/approvals/actions/load-approvals.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listPeopleBehind, listMatchingBodies } from "../../../trust/audit-log/actions/export-log.ts"
import type { Attribution } from "../attribution.ts"

/** Staff who could have another recipient's copy. */
export interface CopyMakers {
    /** Staff who reproduced the copy, without its owner. */
    readonly reproducedBy: readonly string[]
    /**
     * Staff who received the mark keys for an expert and so can make every copy. Key disclosures of an inquiry are
     * listed for people who may know of that inquiry.
     */
    readonly keyHolders: readonly string[]
}

export interface OtherHolders extends CopyMakers {
    /**
     * Staff who had the unmarked version that fits best: the author, readers of the master, and readers of the leak
     * view. A reader of a staff copy is a recipient instead.
     */
    readonly masterReaders: readonly string[]
    /** Partners whose clients polled the unmarked version. */
    readonly polled: readonly string[]
}

interface Copy {
    readonly artifact: string
    readonly version: number
    readonly recipient: string
}

/** The partners that received the same unmarked text. */
export interface UnmarkedTextHolders extends ArtifactVersion {
    readonly partners: readonly string[]
}

/** Lists the partners that were served each matching unmarked text, up to the attribution. */
export async function listUnmarkedHolders(
    ctx: ActionContext,
    { result: { polled }, at }: Attribution,
): Promise<UnmarkedTextHolders[]> {
    const holders: UnmarkedTextHolders[] = []
    for (const artifactVersion of polled)
        holders.push({ ...artifactVersion, partners: await listPartnersServedUnmarked(ctx, artifactVersion, at) })
    return holders
}

/**
 * Lists who had the best version without marks, up to the attribution. Returns null where no version was delivered.
 * Where partners polled the text unmarked, they are its holders and readers of the master are omitted.
 */
export async function findOtherHolders(
    ctx: ActionContext,
    { result: { best, polled: texts }, at }: Attribution,
): Promise<OtherHolders | null> {
    if (best === null) return null
    const { artifact, version, findings } = best
    const polled = await listPartnersServedUnmarked(ctx, { artifact, version }, at)
    if (texts.some((artifactVersion) => artifactVersion.artifact === artifact && artifactVersion.version === version))
        return { masterReaders: [], polled, reproducedBy: [], keyHolders: [] }
    const author = await findVersionAuthor(ctx, artifact, version)
    const readers = await listPeopleBehind(ctx, "artifact.read", { artifact, version, copy: null }, at)
    const leakViewReaders = await listPeopleBehind(ctx, "attribution.read", { artifact, version }, at)
    return {
        masterReaders: [...new Set([...(author === null ? [] : [author]), ...readers, ...leakViewReaders])].toSorted(),
        polled,
        ...(await listCopyMakers(ctx, { artifact, version, recipient: findings.ranking[0]?.recipient ?? "" }, at)),
    }
}

/** Lists who reproduced a copy or received its keys, up to an instant. Mark keys make a decoy's copy too. */
export async function listCopyMakers(
    ctx: ActionContext,
    { artifact, version, recipient }: Copy,
    at: Instant,
): Promise<CopyMakers> {
    return {
        reproducedBy: await listPeopleBehind(
            ctx,
            "marks.copy_reproduced",
            { artifact, version, partner: recipient },
            at,
        ),
        keyHolders: await listKeyHolders(ctx, `${artifact}:${version}`, at),
    }
}

async function listKeyHolders(ctx: ActionContext, version: string, at: Instant): Promise<string[]> {
    const people = new Set<string>()
    for (const { by, inquiry, approval } of await listMatchingBodies(
        ctx,
        "marks.keys_disclosed",
        { versions: [version] },
        at,
    )) {
        if (typeof by !== "string" || typeof approval !== "string") continue
        if (inquiry === null || (await isApprovalVisible(ctx, approval))) people.add(by)
    }
    return [...people].toSorted()
}

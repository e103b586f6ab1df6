/**
 * Replaces partners' texts by public texts before publication. The author writes them and the approver signs. The
 * publication wave releases them; earlier waves keep the partners' texts.
 */
import type { Instant } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import type { Services } from "../kernel/services.ts"
import { loadApproval } from "../trust/approvals/actions/load-approvals.ts"
import { signApproval } from "../trust/approvals/actions/request-approval.ts"
import { listArtifacts } from "../share/artifacts/actions/load-artifacts.ts"
import { reviseArtifact } from "../share/artifacts/actions/add-artifact.ts"
import { requestRelease } from "../share/release/actions/release-wave.ts"
import { listWaves } from "../share/waves/actions.ts"
import { readContent } from "./content.ts"
import { type SeededProgram, actorWith, listCaseIds, storyOf } from "./seed.ts"
import { type DemoCase, demoCases, publicFile } from "./toolshell.ts"

/** Writes the public texts of cases whose instant has come. Skips cases that people changed or published. */
export async function writePublicTexts(services: Services, { operators }: SeededProgram, at: Instant): Promise<void> {
    for (const story of demoCases.filter(({ publicTextAt }) => publicTextAt <= at)) {
        const approvalId = await reviseTexts(services, operators, { story, at })
        if (approvalId !== null) await signRelease(services, operators, { request: approvalId, at })
    }
}

type People = SeededProgram["operators"]

/** Returns the approval to sign; null where the texts are already public. */
async function reviseTexts(
    services: Services,
    people: People,
    { story, at }: { readonly story: DemoCase; readonly at: Instant },
): Promise<string | null> {
    return await unlessRefused(() =>
        storyOf(services)(at, actorWith(people, "author"), async (ctx) => {
            const [id] = await listCaseIds(ctx, story.key)
            if (id === undefined) return null
            const publication = (await listWaves(ctx, id)).find(({ tier }) => tier === "publication")
            if (!publication || publication.releasedAt !== null) return null
            const revisions = (await listArtifacts(ctx, id)).flatMap((artifact) => {
                const file = publicFile(story, artifact.name)
                return file === null || artifact.version > 1 ? [] : [{ id: artifact.id, file }]
            })
            for (const text of revisions) await reviseArtifact(ctx, text.id, readContent(text.file))
            return revisions.length === 0 ? null : await requestRelease(ctx, publication.id)
        }),
    )
}

async function signRelease(
    services: Services,
    people: People,
    { request: approvalId, at }: { readonly request: string; readonly at: Instant },
): Promise<void> {
    await unlessRefused(() =>
        storyOf(services)(at, actorWith(people, "approver"), async (ctx) => {
            await signApproval(ctx, approvalId, (await loadApproval(ctx, approvalId)).effectsHash)
        }),
    )
}

/** Returns null where the work is refused, because people changed the case meanwhile. */
async function unlessRefused<T>(work: () => Promise<T>): Promise<T | null> {
    try {
        return await work()
    } catch (error) {
        if (error instanceof Refusal) return null
        throw error
    }
}

/**
 * Replaces partners' texts by public texts before publication. The author writes them and the approver signs. The
 * publication wave releases them; earlier waves keep the partners' texts.
 */
import type { Instant } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import type { Services } from "../kernel/services.ts"
import { approval, signApproval } from "../trust/approvals/actions.ts"
import { artifactsOf, reviseArtifact } from "../share/artifacts/actions.ts"
import { requestRelease } from "../share/release/actions.ts"
import { wavesOf } from "../share/waves/actions.ts"
import { readContent } from "./content.ts"
import { type Seeded, actorWith, idsOf, storyOf } from "./seed.ts"
import { type DemoCase, demoCases, publicFile } from "./toolshell.ts"

/** Writes the public texts of cases whose instant has come. Skips cases that people changed or published. */
export async function writePublicTexts(services: Services, { operators }: Seeded, at: Instant): Promise<void> {
    for (const story of demoCases.filter(({ publicTextAt }) => publicTextAt <= at)) {
        const request = await revised(services, operators, { story, at })
        if (request !== null) await sign(services, operators, { request, at })
    }
}

type People = Seeded["operators"]

/** Returns the approval to sign, or null where nothing is to do. */
async function revised(
    services: Services,
    people: People,
    { story, at }: { readonly story: DemoCase; readonly at: Instant },
): Promise<string | null> {
    return await unlessRefused(() =>
        storyOf(services)(at, actorWith(people, "author"), async (ctx) => {
            const [id] = await idsOf(ctx, story.key)
            if (id === undefined) return null
            const publication = (await wavesOf(ctx, id)).find(({ tier }) => tier === "publication")
            if (!publication || publication.releasedAt !== null) return null
            const texts = (await artifactsOf(ctx, id)).flatMap((artifact) => {
                const file = publicFile(story, artifact.name)
                return file === null || artifact.version > 1 ? [] : [{ id: artifact.id, file }]
            })
            for (const text of texts) await reviseArtifact(ctx, text.id, readContent(text.file))
            return texts.length === 0 ? null : await requestRelease(ctx, publication.id)
        }),
    )
}

async function sign(
    services: Services,
    people: People,
    { request, at }: { readonly request: string; readonly at: Instant },
): Promise<void> {
    await unlessRefused(() =>
        storyOf(services)(at, actorWith(people, "approver"), async (ctx) => {
            await signApproval(ctx, request, (await approval(ctx, request)).effectsHash)
        }),
    )
}

/** Where people did something else meanwhile, leaves the rest to them. */
async function unlessRefused<T>(work: () => Promise<T>): Promise<T | null> {
    try {
        return await work()
    } catch (error) {
        if (error instanceof Refusal) return null
        throw error
    }
}

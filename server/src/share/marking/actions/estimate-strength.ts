/** Estimates how well the marks of a version will identify its recipients, before it is released. */
import { Refusal } from "@tocsin/base/refusal"
import { type Effects, readingsIn } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { partnerFactsAt } from "../../../trust/partners/actions/load-facts.ts"
import { reachesCases } from "../../../trust/partners/partner.ts"
import { masterOf } from "../../artifacts/actions.ts"
import { drawingOf } from "../actions.ts"
import { type GoingOut, goesUnmarked, goingOut } from "../unmarked-parts.ts"
import { type Strength, strengthOf } from "../strength.ts"
import { designDeclared } from "./set-code-design.ts"

/** Estimates the marks of a version with its declared design. Null where its class carries no marks. */
export async function strengthFor(
    ctx: ActionContext,
    artifact: string,
    version: number | null,
): Promise<Strength | null> {
    const drawing = await drawingOf(ctx, artifact, version)
    if (drawing === null) return null
    const { slots, master } = drawing
    const recipients = (await partnerFactsAt(ctx, ctx.now)).filter(({ standing }) => reachesCases(standing)).length
    return strengthOf({ slots, colluders: master.colluders, design: designDeclared(master), recipients })
}

/** Returns how each version of the effects is marked, for requesters and signers. */
export async function goingOutOf(ctx: ActionContext, effects: Effects): Promise<GoingOut[]> {
    const readings = readingsIn(effects)
    const goingOuts: GoingOut[] = []
    for (const { artifact, version } of effects.artifacts) {
        const reading = readings.filter((reading) => reading.artifact === artifact && reading.version === version)
        const { class: kind } = await masterOf(ctx, artifact, version)
        goingOuts.push(await goingOutOfOne(ctx, { artifact, version, recipients: reading.length, class: kind }))
    }
    return goingOuts
}

async function goingOutOfOne(
    ctx: ActionContext,
    subject: Pick<GoingOut, "artifact" | "version" | "recipients" | "class">,
): Promise<GoingOut> {
    try {
        return goingOut(subject, await strengthFor(ctx, subject.artifact, subject.version), ctx.services.marksPolled)
    } catch (error) {
        if (error instanceof Refusal && error.code === "mark.too_complex") return goesUnmarked(subject, "late")
        throw error
    }
}

/** The state that the scenes of the history share: the staff, and the partners that have joined so far. */
import type { Instant } from "@tocsin/base/instant"
import type { Actor, PartnerRole } from "../../kernel/actor.ts"
import type { ActionContext } from "../../kernel/action-context.ts"
import type { Services } from "../../kernel/services.ts"
import { loadApproval } from "../../trust/approvals/actions/load-approvals.ts"
import { signApproval } from "../../trust/approvals/actions/request-approval.ts"
import { type SeededProgram, type Scene, type Story, type StoryPerson, memberActor, storyOf } from "../seed.ts"

export interface StoryPartner {
    readonly id: string
    readonly identity: string
    readonly people: readonly StoryPerson<PartnerRole>[]
}

export interface Stage {
    readonly services: Services
    readonly story: Story
    readonly start: Instant
    readonly program: SeededProgram
    /** Partners by key. A partner that joins adds itself. */
    readonly partners: Map<string, StoryPartner>
    /** Ids that a scene leaves for later ones, such as the case of a key. */
    readonly ids: Map<string, string>
    /** The scenes to come, in order. */
    readonly queue: Scene[]
}

export const systemActor: Actor = { kind: "system", component: "demonstration" }

export function openStage(services: Services, program: SeededProgram, start: Instant): Stage {
    const partners = new Map<string, StoryPartner>(program.partners.map((partner) => [partner.cast.key, partner]))
    return { services, story: storyOf(services), start, program, partners, ids: new Map(), queue: [] }
}

/** Adds a scene, unless it is after the start. */
export function later({ queue, start }: Stage, at: Instant, run: (at: Instant) => Promise<unknown>): void {
    if (at >= start) return
    const next = queue.findIndex((scene) => scene.at > at)
    queue.splice(next === -1 ? queue.length : next, 0, { at, run: () => run(at) })
}

/** Returns a staff member by name. */
export function staff({ program }: Stage, name: string): Actor & { readonly person: string } {
    const found = program.operators.find((person) => person.name === name)
    if (!found) throw new Error(`the cast has no ${name}`)
    return { kind: "operator", person: found.person, roles: found.roles }
}

export function partnerOf({ partners }: Stage, key: string): StoryPartner {
    const found = partners.get(key)
    if (!found) throw new Error(`no partner ${key} joined`)
    return found
}

export function leadOf(stage: Stage, key: string): Actor {
    const { id, people } = partnerOf(stage, key)
    return memberActor(id, people, "lead")
}

export function idOf({ ids }: Stage, name: string): string {
    const found = ids.get(name)
    if (found === undefined) throw new Error(`no scene has left ${name}`)
    return found
}

/** Signs an approval as a second person who has read it. */
export async function sign(stage: Stage, at: Instant, signer: string, approval: string | null): Promise<string> {
    if (approval === null) throw new Error("this action needs no signature")
    await stage.story(at, staff(stage, signer), async (ctx: ActionContext) =>
        signApproval(ctx, approval, (await loadApproval(ctx, approval)).effectsHash),
    )
    return approval
}

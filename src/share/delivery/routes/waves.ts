/** A case's waves as they stand: when each falls, what it waits for, and once it has fallen, who was told and who was not. */
import { Type } from "typebox"
import { formatInstant, hourMs, parseInstant } from "../../../lib/instant.ts"
import { approvalsOf } from "../../../trust/approvals/actions.ts"
import { stateOf } from "../../../trust/approvals/approval.ts"
import { type Act, route } from "../../../trust/audit/actions.ts"
import { caseFile } from "../../cases/actions.ts"
import { type OpenWave, openWaves, wavesThatOpen } from "../../release/actions.ts"
import { wavesOf } from "../../waves/actions.ts"
import { type Wave, plannedAt, waveTiers } from "../../waves/wave.ts"
import { rehearse, rehearseDummy } from "../actions/rehearsing.ts"
import { tellAnew, toldByWaves } from "../actions/telling.ts"
import { type Told, nobodyYet } from "../told.ts"

const id = Type.String({ format: "uuid" })
const byId = Type.Object({ id }, { additionalProperties: false })
const maybe = Type.Union([Type.String(), Type.Null()])
const console = { side: "console" as const }
const told = {
    done: Type.Boolean(),
    recipients: Type.Integer(),
    notified: Type.Integer(),
    filtered: Type.Integer(),
    waiting: Type.Array(Type.Object({ partner: id, why: Type.String() })),
}
const wave = {
    id,
    tier: Type.String(),
    hoursBefore: Type.Number(),
    at: maybe,
    state: Type.String(),
    approval: maybe,
    releasedAt: maybe,
}
const shown = Type.Object({ ...wave, ...told })

const versions = Type.Array(Type.Object({ artifact: id, version: Type.Integer() }))
const rehearsal = Type.Object({
    at: Type.String(),
    artifacts: versions,
    recipients: Type.Array(Type.Object({ partner: id, notices: Type.Integer(), artifacts: versions })),
    obstacles: Type.Array(Type.Object({ partner: maybe, code: Type.String() })),
    ms: Type.Number(),
})

const dummyRehearsal = Type.Object({
    at: Type.String(),
    classes: Type.Array(Type.String()),
    recipients: Type.Array(Type.Object({ partner: id, notices: Type.Integer(), classes: Type.Array(Type.String()) })),
    obstacles: rehearsal.properties.obstacles,
    ms: Type.Number(),
})

function presentedTold({ done, recipients, notified, filtered, waiting }: Told) {
    return { done, recipients, notified, filtered: filtered.length, waiting: [...waiting] }
}

function presented(wave: Wave, at: number | null, state: string) {
    return {
        id: wave.id,
        tier: wave.tier,
        hoursBefore: 0 - wave.offsetMs / hourMs,
        at: at === null ? null : formatInstant(at),
        state,
        approval: wave.approval,
        releasedAt: wave.releasedAt === null ? null : formatInstant(wave.releasedAt),
    }
}

/**
 * `due`: its instant has come, and it still waits for a signature; `empty` where it would open nothing; `disarmed`: what was
 * asked for or signed holds no more. A new request shows in place of a freeze. Of many waves it asks no more than of one.
 */
async function presentedStates(act: Act, waves: readonly OpenWave[]): Promise<(one: OpenWave) => string> {
    const unreleased = waves.filter(({ wave }) => wave.releasedAt === null)
    const approvals = await approvalsOf(
        act,
        unreleased.flatMap(({ wave }) => wave.approval ?? []),
    )
    const stateBefore = ({ wave, at }: OpenWave): string => {
        if (wave.releasedAt !== null) return wave.frozenAt === null ? "released" : "frozen"
        const approval = wave.approval === null ? undefined : approvals.get(wave.approval)
        const its = approval && stateOf(approval, act.now)
        if (its === "signed") return "armed"
        if (its === "requested") return "requested"
        if (wave.frozenAt !== null) return "frozen"
        if (at === null || at > act.now) return its === undefined ? "planned" : "disarmed"
        return "due"
    }
    const due = unreleased.filter((one) => stateBefore(one) === "due").map(({ wave }) => wave)
    const opening = await wavesThatOpen(act, due)
    return (one) => {
        const state = stateBefore(one)
        return state === "due" && !opening.has(one.wave.id) ? "empty" : state
    }
}

/** Those that are not released, of all cases that go on, and planned for before this instant. */
async function wavesAhead(act: Act, before: number) {
    const ahead = (await openWaves(act)).filter(
        ({ wave, at }) => wave.releasedAt === null && at !== null && at < before,
    )
    const stateIn = await presentedStates(act, ahead)
    return ahead.map((one) => ({ case: one.wave.case, ...presented(one.wave, one.at, stateIn(one)) }))
}

export const waveRoutes = [
    route(
        {
            ...console,
            method: "GET",
            path: "/api/waves",
            needs: "wave:read",
            does: "The waves of all cases that are not released and planned for before an instant, with their states",
            query: Type.Object({ before: Type.String({ maxLength: 40 }) }, { additionalProperties: false }),
            answer: Type.Object({ waves: Type.Array(Type.Object({ case: id, ...wave })) }),
        },
        async (ask) => ({ waves: await wavesAhead(ask, parseInstant(ask.query.before)) }),
    ),
    route(
        {
            ...console,
            method: "GET",
            path: "/api/cases/{id}/waves",
            needs: "wave:read",
            does: "A case's waves: when each falls, what it waits for, and whether everybody entitled was told",
            params: byId,
            answer: Type.Object({ waves: Type.Array(shown) }),
        },
        async (ask) => {
            const { publication, closing } = await caseFile(ask, ask.params.id)
            const all = await toldByWaves(ask, ask.params.id)
            const waves = (await wavesOf(ask, ask.params.id)).map((wave) => ({
                wave,
                at: plannedAt(wave, publication),
            }))
            const states = await presentedStates(ask, waves)
            // Of a case that was closed no wave is due: what was not released never is.
            const stateIn = (one: OpenWave) =>
                closing !== null && one.wave.releasedAt === null ? "cancelled" : states(one)
            return {
                waves: waves.map((one) => ({
                    ...presented(one.wave, one.at, stateIn(one)),
                    ...presentedTold(all.get(one.wave.id) ?? nobodyYet),
                })),
            }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/waves/{id}/resend-notices",
            needs: "wave:write",
            does: "Tells those who are entitled by a fallen wave and were not told, or could not be",
            params: byId,
            answer: Type.Object(told),
        },
        async (ask) => presentedTold(await tellAnew(ask, ask.params.id)),
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/waves/{id}/rehearse",
            needs: "wave:write",
            does: "Lets a wave fall for its report alone: what would open, for whom, what would stop it; nothing is kept or sent",
            params: byId,
            answer: rehearsal,
        },
        async (ask) => {
            const { at, artifacts, recipients, obstacles, ms } = await rehearse(ask, ask.params.id)
            return {
                at: formatInstant(at),
                artifacts: [...artifacts],
                recipients: recipients.map((one) => ({ ...one, artifacts: [...one.artifacts] })),
                obstacles: [...obstacles],
                ms,
            }
        },
    ),
    route(
        {
            ...console,
            method: "POST",
            path: "/api/default-schedule/rehearse",
            needs: "wave:write",
            does: "Lets a wave of a dummy case fall for its report alone, with the partners and the policy of now; nothing is kept or sent",
            body: Type.Object({ tier: Type.Enum([...waveTiers]) }, { additionalProperties: false }),
            answer: dummyRehearsal,
        },
        async (ask) => {
            const { at, classes, recipients, obstacles, ms } = await rehearseDummy(ask, ask.body.tier)
            return {
                at: formatInstant(at),
                classes: [...classes],
                recipients: recipients.map((one) => ({ ...one, classes: [...one.classes] })),
                obstacles: [...obstacles],
                ms,
            }
        },
    ),
]

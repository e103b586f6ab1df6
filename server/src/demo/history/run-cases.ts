/** Runs the cases of the past: their texts, embargoes, waves and publications, and what partners do with them. */
import { type Instant, dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { Refusal } from "@tocsin/base/refusal"
import type { ActionContext } from "../../kernel/action-context.ts"
import { addArtifact } from "../../share/artifacts/actions/add-artifact.ts"
import { listArtifacts } from "../../share/artifacts/actions/load-artifacts.ts"
import { addParty, inviteParty, proposeBySecret } from "../../share/cases/actions/manage-parties.ts"
import { agreeEmbargo, moveEmbargo, proposeEmbargo } from "../../share/cases/actions/negotiate-embargo.ts"
import { openCase } from "../../share/cases/actions/open-case.ts"
import { acknowledge, fetchCopy } from "../../share/delivery/actions/fetch-copy.ts"
import { aliasFor } from "../../share/delivery/actions/resolve-alias.ts"
import { reportTestResult } from "../../share/delivery/actions/report-test-result.ts"
import { answerQuestion } from "../../share/questions/actions/answer-question.ts"
import { askOperator } from "../../share/questions/actions/ask-operator.ts"
import { amendCase, applySignedAmendment } from "../../share/release/actions/amend-case.ts"
import { releaseWavesJob, requestRelease } from "../../share/release/actions/release-wave.ts"
import { freezeWave, listWaves, planWaves } from "../../share/waves/actions.ts"
import { type WaveTier, shippedSchedule } from "../../share/waves/wave.ts"
import { publishAnnualReport } from "../../trace/statistics/actions/publish-annual-report.ts"
import { reportSighting } from "../../trace/sightings/actions/report-sighting.ts"
import { loadPartnerStatus } from "../../trust/partners/actions/load-facts.ts"
import { hasCaseAccess } from "../../trust/partners/partner.ts"
import { readContent } from "../content.ts"
import { reportOnWarnings } from "../move-clock.ts"
import { type ExtraPartner, type Scene, memberActor, signWaves } from "../seed.ts"
import { type PastCase, type PastCaseKey, pastCases, quartzDetails } from "./cases.ts"
import { type Newcomer, newcomers } from "./newcomers.ts"
import { type Stage, idOf, later, partnerOf, sign, staff, systemActor } from "./stage.ts"

const minuteMs = 60_000
const at = parseInstant

/** Lists the scenes of all cases. */
export function caseScenes(stage: Stage): Scene[] {
    return [...pastCases.flatMap((pastCase) => scenesOfCase(stage, pastCase)), ...singleScenes(stage)]
}

function scenesOfCase(stage: Stage, pastCase: PastCase): Scene[] {
    const { openedAt, writtenAt, signedAt, publication } = pastCase
    const scenes: Scene[] = [
        { at: openedAt, run: () => open(stage, pastCase) },
        { at: writtenAt, run: () => write(stage, pastCase) },
    ]
    if (signedAt === null || publication === null) return scenes
    const caseId = () => idOf(stage, pastCase.key)
    scenes.push({
        at: signedAt,
        run: () => signWaves(stage.story, signedAt, stage.program.operators, caseId()),
    })
    const waves = { ...shippedSchedule, publication: 0 }
    for (const offset of Object.values(waves))
        scenes.push({ at: publication + offset, run: () => releaseWavesJob.run(stage.services) })
    return [...scenes, ...conductScenes(stage, pastCase)]
}

async function open(stage: Stage, { key, author, details, openedAt, publication }: PastCase): Promise<void> {
    const by = staff(stage, author)
    const id = await stage.story(openedAt, by, (ctx) => openCase(ctx, details))
    stage.ids.set(key, id)
    if (publication === null) return
    later(stage, openedAt + hourMs, (when) => stage.story(when, by, (ctx) => agreeEmbargo(ctx, id, publication)))
}

async function write(stage: Stage, { key, author, artifacts, writtenAt, publication }: PastCase): Promise<void> {
    const by = staff(stage, author)
    const caseId = idOf(stage, key)
    for (const { class: kind, name } of artifacts) {
        const content = readContent(`${key}/${name}`)
        const labels = { tlp: "AMBER+STRICT", pap: kind === "guidance" ? "GREEN" : "AMBER" } as const
        await stage.story(writtenAt, by, (ctx) =>
            addArtifact(ctx, { case: caseId, class: kind, name, ...labels, content }),
        )
    }
    if (publication !== null) await stage.story(writtenAt, by, (ctx) => planWaves(ctx, caseId))
}

/** Actions of partners after the waves of one case, each at its own pace. */
function conductScenes(stage: Stage, { key: caseKey, publication, released: releasedTiers }: PastCase): Scene[] {
    return actingPartners(stage).flatMap(({ key, tier, cast, joinedAt }) => {
        const released = (publication ?? Infinity) + shippedSchedule[tier]
        if (joinedAt > released || !releasedTiers.includes(tier)) return []
        const { fetch, acknowledge: confirm } = cast.minutesAfterWave
        const scene = (
            minutes: number,
            work: (ctx: ActionContext, partner: string, caseId: string) => Promise<void>,
            from = released,
        ) => {
            const when = from + minutes * minuteMs
            const run = () => asAnalyst(stage, when, key, (ctx, id) => work(ctx, id, idOf(stage, caseKey)))
            return { at: when, run }
        }
        const { reports } = cast
        return [
            scene(fetch, fetchAll),
            scene(confirm, async (ctx, id, caseId) => {
                await acknowledge(ctx, aliasFor(ctx.services.keys, id, "warning", caseId))
            }),
            // Each wave and the publication ask for a follow-up.
            ...[released, publication ?? Infinity].flatMap((from) =>
                reports === null || from >= stage.start
                    ? []
                    : [scene(reports.minutes, (ctx, id) => reportOnWarnings(ctx, id, reports), from)],
            ),
        ]
    })
}

/** Acts as a partner's analyst, unless the partner has no access at this time, or its content is withheld. */
async function asAnalyst(
    stage: Stage,
    when: Instant,
    key: string,
    work: (ctx: ActionContext, partner: string) => Promise<void>,
): Promise<void> {
    const { id } = partnerOf(stage, key)
    try {
        await stage.story(when, analystOf(stage, key), async (ctx) => {
            if (hasCaseAccess(await loadPartnerStatus(ctx, id))) await work(ctx, id)
        })
    } catch (refused) {
        if (!(refused instanceof Refusal && refused.code === "request.not_found")) throw refused
    }
}

async function fetchAll(ctx: ActionContext, partner: string, caseId: string): Promise<void> {
    for (const { id } of await listArtifacts(ctx, caseId))
        await fetchCopy(ctx, aliasFor(ctx.services.keys, partner, "artifact", id))
}

type ActingPartner = Pick<Newcomer, "key" | "tier"> & Pick<ExtraPartner, "cast"> & { readonly joinedAt: Instant }

/** Partners of the cast and later ones that act on warnings. */
function actingPartners({ program }: Stage): ActingPartner[] {
    const cast = program.partners.flatMap((partner) => {
        const { key, tier, pace, agreement } = partner.cast
        return pace === "never" || agreement === null
            ? []
            : [{ key, tier, cast: partner.cast, joinedAt: agreement.acceptedAt }]
    })
    return [...cast, ...newcomers.flatMap((newcomer) => actingNewcomer(newcomer))]
}

function actingNewcomer({ key, tier, at: joined, entrance, conduct }: Newcomer): ActingPartner[] {
    if (conduct === null) return []
    const { fetch, acknowledge, report, protection } = conduct
    const reports = report === null ? null : { minutes: 60 * report, protection }
    const minutesAfterWave = { fetch, acknowledge }
    const joinedAt = joined + (entrance === "admitted" ? 25 : 2) * dayMs
    return [{ key, tier, cast: { pace: "prompt", minutesAfterWave, reports }, joinedAt }]
}

/** Lists the later partners that act when the clock moves on: few, so that it moves quickly. */
export function listExtras(stage: Stage): ExtraPartner[] {
    return newcomers.flatMap((newcomer) => {
        const [acting] = actingNewcomer(newcomer)
        const found = stage.partners.get(newcomer.key)
        return acting === undefined || found === undefined || newcomer.tier === "entry"
            ? []
            : [{ id: found.id, people: found.people, cast: acting.cast }]
    })
}

/** Single scenes: questions, test results, sightings, a correction, and the states of the running cases. */
function singleScenes(stage: Stage): Scene[] {
    const scene = (instant: string, run: (when: Instant) => Promise<unknown>): Scene => {
        const when = at(instant)
        return { at: when, run: () => run(when) }
    }
    return [
        scene("2024-10-30T09:20:00Z", (when) => testGuidance(stage, when, "harborline", "glasswater")),
        scene("2024-10-31T14:05:00Z", (when) => testGuidance(stage, when, "harborline", "ternisland")),
        scene("2024-10-31T08:10:00Z", (when) => askAndAnswer(stage, when)),
        scene("2024-11-19T10:30:00Z", (when) => sight(stage, when, "harborline", "stonebridge")),
        scene("2024-11-21T16:45:00Z", (when) => sight(stage, when, "harborline", "dunmore")),
        scene("2024-12-03T07:15:00Z", (when) => sight(stage, when, "harborline", "copperline")),
        scene("2025-01-14T10:00:00Z", (when) => publishYear(stage, when)),
        scene("2025-02-27T13:30:00Z", (when) => testGuidance(stage, when, "quartzmail", "glasswater")),
        scene("2025-03-13T11:00:00Z", (when) => correct(stage, when)),
        scene("2025-03-17T09:00:00Z", (when) => sight(stage, when, "quartzmail", "larkspur")),
        scene("2025-03-20T18:20:00Z", (when) => sight(stage, when, "quartzmail", "kestrel")),
        scene("2025-06-12T15:00:00Z", (when) => proposeEnds(stage, when)),
        scene("2025-06-16T09:30:00Z", (when) => moveAndFreeze(stage, when)),
        scene("2025-06-19T11:40:00Z", (when) =>
            ask(stage, when, "ferrous", "ternisland", "Does the workaround also help with one queue per processor?"),
        ),
        scene("2025-06-19T08:00:00Z", (when) => signFirstWaves(stage, when)),
        scene("2025-06-22T15:10:00Z", (when) => requestEntryWave(stage, when)),
    ]
}

const analystOf = (stage: Stage, key: string) => {
    const { id, people } = partnerOf(stage, key)
    return memberActor(id, people, "analyst")
}

async function testGuidance(stage: Stage, when: Instant, key: PastCaseKey, tester: string): Promise<void> {
    const { id } = partnerOf(stage, tester)
    await stage.story(when, analystOf(stage, tester), async (ctx) => {
        const artifacts = await listArtifacts(ctx, idOf(stage, key))
        const guidance = artifacts.find((artifact) => artifact.class === "guidance")
        if (guidance === undefined) throw new Error(`the case ${key} has no guidance`)
        const environment = "Two nodes of a test cluster, with a week of replayed traffic."
        const result = { verdict: "works", hits: 12, falsePositives: 0, environment } as const
        const alias = aliasFor(ctx.services.keys, id, "artifact", guidance.id)
        await reportTestResult(ctx, alias, { version: guidance.version, ...result })
    })
}

async function ask(stage: Stage, when: Instant, key: PastCaseKey, partner: string, text: string): Promise<string> {
    return await stage.story(when, analystOf(stage, partner), (ctx) => askOperator(ctx, idOf(stage, key), text))
}

async function askAndAnswer(stage: Stage, when: Instant): Promise<void> {
    const question = "Is a ticket lifetime of 60 seconds supported on the small appliance?"
    const id = await ask(stage, when, "harborline", "meridian", question)
    const answer = { question, text: "Yes. The vendor confirmed values down to 30 seconds on every model." }
    const about = { case: idOf(stage, "harborline"), id }
    later(stage, when + 5 * hourMs, (then) =>
        stage.story(then, staff(stage, "Tomas Ferreira"), (ctx) => answerQuestion(ctx, about, answer, "recipients")),
    )
}

async function sight(stage: Stage, when: Instant, key: PastCaseKey, partner: string): Promise<void> {
    await stage.story(when, analystOf(stage, partner), (ctx) =>
        reportSighting(ctx, idOf(stage, key), ctx.services.newId(), {
            observedAt: when - 9 * hourMs,
            zeroReportSince: null,
            clock: "synchronised",
            product: "",
            indicators: ["203.0.113.24"],
            confidence: 80,
            note: "Seen at one customer, and stopped by the guidance.",
        }),
    )
}

/** The first corrected build was incomplete: two people correct the published case. */
async function correct(stage: Stage, when: Instant): Promise<void> {
    const caseId = idOf(stage, "quartzmail")
    const by = staff(stage, "Ingrid Solheim")
    const details = quartzDetails("4.8.4")
    const { approval } = await stage.story(when, by, (ctx) => amendCase(ctx, caseId, { details }))
    later(stage, when + hourMs, (then) => sign(stage, then, "Meera Hartono", approval))
    later(stage, when + 2 * hourMs, (then) =>
        stage.story(then, by, (ctx) => applySignedAmendment(ctx, caseId, approval ?? "")),
    )
}

async function publishYear(stage: Stage, when: Instant): Promise<void> {
    const by = staff(stage, "Ingrid Solheim")
    const { approval } = await stage.story(when, by, (ctx) => publishAnnualReport(ctx, 2024))
    later(stage, when + hourMs, (then) => sign(stage, then, "Rafael Lindqvist", approval))
    later(stage, when + 2 * hourMs, (then) =>
        stage.story(then, by, (ctx) => publishAnnualReport(ctx, 2024, approval ?? undefined)),
    )
}

/** The vendor asks for a later end than the operator proposes. Nothing is agreed yet. */
async function proposeEnds(stage: Stage, when: Instant): Promise<void> {
    const caseId = idOf(stage, "lumen")
    const by = staff(stage, "Tomas Ferreira")
    const vendor = { name: "Lumen Controls", contact: "psirt@lumen-controls.example", role: "vendor" } as const
    await stage.story(when, by, (ctx) => proposeEmbargo(ctx, caseId, at("2025-08-12T17:00:00Z")))
    const secret = await stage.story(when, by, async (ctx) =>
        inviteParty(ctx, caseId, await addParty(ctx, caseId, vendor)),
    )
    later(stage, when + 2 * dayMs, (then) =>
        stage.story(then, systemActor, (ctx) => proposeBySecret(ctx, secret, at("2025-09-02T17:00:00Z"))),
    )
}

/** The project asks for two more weeks. The author moves the end, and freezes the next wave. */
async function moveAndFreeze(stage: Stage, when: Instant): Promise<void> {
    const caseId = idOf(stage, "ferrous")
    const by = staff(stage, "Tomas Ferreira")
    const reason = "The project needs two more weeks for the 11 branch."
    await stage.story(when, by, (ctx) => moveEmbargo(ctx, caseId, at("2025-07-10T17:00:00Z"), reason))
    const wave = await waveOf(stage, "ferrous", "advance")
    later(stage, when + hourMs, (then) => stage.story(then, by, (ctx) => freezeWave(ctx, wave)))
}

async function signFirstWaves(stage: Stage, when: Instant): Promise<void> {
    for (const tier of ["validate", "advance"] as const) {
        const wave = await waveOf(stage, "pallas", tier)
        const approval = await stage.story(when, staff(stage, "Ingrid Solheim"), (ctx) => requestRelease(ctx, wave))
        later(stage, when + hourMs, (then) => sign(stage, then, "Kofi Boateng", approval))
    }
}

async function requestEntryWave(stage: Stage, when: Instant): Promise<void> {
    const wave = await waveOf(stage, "pallas", "entry")
    await stage.story(when, staff(stage, "Ingrid Solheim"), (ctx) => requestRelease(ctx, wave))
}

async function waveOf(stage: Stage, key: PastCaseKey, tier: WaveTier): Promise<string> {
    const waves = await stage.story(stage.start, staff(stage, "Ingrid Solheim"), (ctx) =>
        listWaves(ctx, idOf(stage, key)),
    )
    const wave = waves.find((found) => found.tier === tier)
    if (wave === undefined) throw new Error(`the case ${key} has no wave ${tier}`)
    return wave.id
}

/** The status of a case for a program manager: what needs action, what comes next, the progress, and the timeline. */
import type { ReactNode } from "react"
import { parseInstant } from "@tocsin/base/instant"
import { useCaseArtifacts, useMatrix, useWaves } from "./case-reads.ts"
import { Distance, When } from "../../kit/instant.tsx"
import { type Tone, Waiting, isRefused } from "../../kit/notice.tsx"
import { Badge, Facts, Section } from "../../kit/table.tsx"
import type { Case, Matrix, Wave } from "../answers.ts"
import { useClocks } from "../clocks/clock-answers.ts"
import { useConsents } from "./embargo/consents.tsx"
import { useDeliveries } from "../release/deliveries.tsx"
import { useEvidence, useExploitations } from "../leaks/evidence/evidence-reads.ts"
import { refusedWords, useIsUntold, usePublication, usePublicationRead } from "./publication.tsx"
import { toldWords } from "../release/notification-status.tsx"
import { useNow } from "../artifacts/viewer.tsx"
import { tierNames, unwanted, waveWords } from "../words.ts"

/** Shows the status of an open case. A closed case has its own notice. */
export function CaseState({ subject }: { subject: Case }) {
    const now = useNow()
    const waves = useWaves(subject.id).data?.waves
    const exploited = useExploitations(subject.id)
    const isUntold = useIsUntold(subject.id)
    if (subject.closure !== null || waves === undefined) return null
    return (
        <Section title="Status">
            <Facts
                items={[
                    ["Needs somebody", <Needs key="needs" subject={subject} waves={waves} />],
                    ["Next", <Next key="next" subject={subject} waves={waves} />],
                    ["So far", <SoFar key="far" subject={subject} waves={waves} />],
                    [
                        subject.phase !== "ended" ? "Secret until" : isUntold ? "Embargo ended" : "Public since",
                        <Secret key="secret" subject={subject} />,
                    ],
                    ...exploited.map((at) => ["Exploited since", <At key="at" at={at} now={now} />] as const),
                ]}
            />
        </Section>
    )
}

function At({ at, now }: { at: string; now: string }) {
    return (
        <>
            <When at={at} /> <Distance at={at} now={now} />
        </>
    )
}

function Secret({ subject: { publication, phase } }: { subject: Case }) {
    const now = useNow()
    if (publication === null) return <span className="muted">no end is agreed</span>
    return (
        <>
            <At at={publication} now={now} /> {phase === "terminated" && <Badge tone="bad">embargo terminated</Badge>}
        </>
    )
}

interface WavesProps {
    subject: Case
    waves: readonly Wave[]
}

/** Lists unreleased waves, earliest first. */
function aheadOf(waves: readonly Wave[]): (Wave & { readonly at: string })[] {
    return waves
        .filter((wave): wave is Wave & { readonly at: string } => wave.releasedAt === null && wave.at !== null)
        .toSorted((a, b) => parseInstant(a.at) - parseInstant(b.at))
}

function Next({ subject, waves }: WavesProps) {
    const now = useNow()
    const matrix = useMatrix(subject.id).data
    const [wave] = aheadOf(waves)
    if (wave === undefined) {
        const isAll = waves.length > 0 && waves.every(({ releasedAt }) => releasedAt !== null)
        return <span className="muted">{isAll ? "every wave has fallen" : "no wave has an instant yet"}</span>
    }
    return (
        <>
            <strong>{tierNames[wave.tier]}</strong>, <At at={wave.at} now={now} />{" "}
            <Badge tone={waveWords[wave.state].tone}>{waveWords[wave.state].name}</Badge>
            {matrix !== undefined && <span className="block muted">{opensWords(matrix, wave)}</span>}
        </>
    )
}

function opensWords({ entitlements }: Matrix, { tier }: Wave): string {
    const first = entitlements.filter(({ decision }) => decision.from !== null && decision.waves[0] === tier)
    const partners = new Set(first.map(({ partner }) => partner)).size
    const artifacts = new Set(first.map(({ artifact }) => artifact)).size
    return partners === 0
        ? "opens nothing for anybody that is not open before"
        : `opens ${many(artifacts, "artifact")} for ${many(partners, "partner")}`
}

const many = (count: number, kind: string): string => `${count} ${kind}${count === 1 ? "" : "s"}`

function SoFar({ subject, waves }: WavesProps) {
    const fetched = new Set(useDeliveries("case", subject.id).data?.fetched.map(({ partner }) => partner))
    const fallen = waves.filter(({ releasedAt }) => releasedAt !== null)
    if (fallen.length === 0) return <span className="muted">no wave has fallen</span>
    return (
        <span className="stack">
            {fallen.map((wave) => (
                <span key={wave.id}>
                    {tierNames[wave.tier]} fell <When at={wave.releasedAt} short />: {toldWords(wave)}
                    {wave.filtered > 0 && `, ${unwanted(wave.filtered)}`}
                    {wave.unnotified.length > 0 && `, ${many(wave.unnotified.length, "entitled partner")} not told`}
                </span>
            ))}
            {fetched.size > 0 && <span>{many(fetched.size, "partner")} fetched something of it</span>}
        </span>
    )
}

interface Need {
    readonly tone: Tone
    readonly key: string
    readonly line: ReactNode
}

function Needs({ subject, waves }: WavesProps) {
    const permission = [
        ...usePublicationNeeds(subject.id),
        ...useFilingNeeds(subject.id),
        ...useCaseNeeds(subject),
        ...useWaveNeeds(waves),
    ]
    const { isLoading, error } = useNeedReads(subject.id)
    if (permission.length === 0 && !isLoading && error === null) return <Badge tone="good">nothing, for now</Badge>
    return (
        <>
            <ul className="stack">
                {permission.map(({ tone, key, line }) => (
                    <li key={key}>
                        <Badge tone={tone}>{tone === "bad" ? "now" : "soon"}</Badge> {line}
                    </li>
                ))}
            </ul>
            {(isLoading || error !== null) && <Waiting error={error} />}
        </>
    )
}

/** Returns whether all reads behind the needs have finished. Until then, no screen says that there are none. */
function useNeedReads(id: string): { readonly isLoading: boolean; readonly error: Error | null } {
    const reads = [usePublicationRead(id), useClocks(id), useCaseArtifacts(id), useConsents(id), useEvidence()]
    const failed = reads.find(({ error, data }) => error !== null && !isRefused(error) && data === undefined)
    return { isLoading: reads.some((read) => read.isLoading), error: failed?.error ?? null }
}

function useCaseNeeds(subject: Case): Need[] {
    const now = useNow()
    const exploited = useExploitations(subject.id)
    const artifacts = useCaseArtifacts(subject.id).data?.artifacts
    const silent = useConsents(subject.id).data?.consents.filter(
        ({ state }) => state === "invited" || state === "expired",
    )
    const isSecret = subject.phase === "running" || subject.phase === "due"
    const recalled = artifacts?.filter((artifact) => artifact.recalled).map(({ name }) => name) ?? []
    return [
        ...(subject.phase === "terminated"
            ? [need("bad", "terminated", "secrecy has ended: “Emergency release” opens what is left")]
            : []),
        ...(subject.phase === "none" || subject.phase === "proposed"
            ? [need("due", "none", "an end of the embargo is to be agreed")]
            : []),
        ...(isSecret && exploited.length > 0
            ? [need("bad", "exploited", "it is exploited while it is secret: decide about its end")]
            : []),
        ...subject.proposals.map(({ proposal, endsAt }) =>
            need(
                "due",
                `proposal ${proposal}`,
                <>
                    a proposed end waits for a decision, <At at={endsAt} now={now} />
                </>,
            ),
        ),
        ...(artifacts?.length === 0 ? [need("due", "empty", "there is nothing to hand out: add an artifact")] : []),
        ...(recalled.length > 0
            ? [need("due", "recalled", `recalled, and read by nobody: ${recalled.join(", ")}`)]
            : []),
        ...(silent !== undefined && silent.length > 0
            ? [
                  need(
                      "due",
                      "silent",
                      `${many(silent.length, "partner")} asked to keep the embargo, without an answer yet`,
                  ),
              ]
            : []),
    ]
}

const need = (tone: Tone, key: string, line: ReactNode): Need => ({ tone, key, line })

function usePublicationNeeds(id: string): Need[] {
    const publication = usePublication(id)
    if (publication === undefined || publication.faults.length === 0) return []
    return [need(publication.state === "due" ? "bad" : "due", "refused", refusedWords(publication))]
}

function useFilingNeeds(id: string): Need[] {
    const now = useNow()
    const clocks = useClocks(id).data?.clocks.filter((clock) => !clock.closed) ?? []
    return clocks.flatMap((clock) =>
        clock.filings.flatMap(({ id: filing, title, dueAt: due, state }) => {
            if (due === null || (state !== "open" && state !== "overdue")) return []
            const words = (
                <>
                    “{title}” is to be filed with {clock.terms.authority}, <At at={due} now={now} />
                </>
            )
            return [need(state === "overdue" ? "bad" : "due", `${clock.id} ${filing}`, words)]
        }),
    )
}

/** Covers every state, so that a new state is a type error; null: the wave needs nothing. */
const unsigned: Readonly<Record<Wave["state"], readonly [Tone, string] | null>> = {
    planned: ["due", "is not signed"],
    requested: ["due", "needs a second signature"],
    approval_voided: ["bad", "needs a new signature: what was requested or signed is no longer valid"],
    due: ["bad", "is overdue: no person has signed it"],
    frozen: ["bad", "is frozen"],
    approved: null,
    cancelled: null,
    no_recipients: null,
    released: null,
}

function useWaveNeeds(waves: readonly Wave[]): Need[] {
    const now = useNow()
    if (waves.length === 0) return [need("due", "unplanned", "no waves are planned")]
    return waves.flatMap(({ id, tier, state, at, unnotified: waiting, releasedAt }) => {
        const [tone, text] = unsigned[state] ?? []
        const name = `the ${tierNames[tier]} wave`
        const untold = releasedAt !== null && state !== "frozen" ? waiting.length : 0
        return [
            ...(tone === undefined
                ? []
                : [
                      need(
                          tone,
                          id,
                          <>
                              {name} {text} {at !== null && releasedAt === null && <Distance at={at} now={now} />}
                          </>,
                      ),
                  ]),
            ...(untold === 0 ? [] : [need("due", `${id} untold`, `${many(untold, "partner")} not told of ${name}`)]),
        ]
    })
}

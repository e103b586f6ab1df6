/** Draws an attribution: each copy's distance from chance and from the threshold for identification. */
import { formatLog10e } from "../../../../../server/src/trace/attribution/attribution.ts"
import { Link } from "@tanstack/react-router"
import type { CopyOwner } from "@tocsin/marks/recipient"
import { useLook, writeTo } from "../../api.ts"
import { Button } from "../../../kit/button.tsx"
import { FormDialog } from "../../../kit/form.tsx"
import { When } from "../../../kit/instant.tsx"
import { Empty, Loaded, Notice, type Tone } from "../../../kit/notice.tsx"
import { Badge, Facts, Section, Table } from "../../../kit/table.tsx"
import type { AttributionAnswer, Best } from "./evidence-reads.ts"
import { OpenKey } from "./expert.tsx"
import { Hypotheses } from "./leak-hypotheses.tsx"
import { OpenInquiry } from "../inquiry/inquiries.tsx"
import { SuspendDialog } from "../../measures/measure-actions.tsx"
import { Bars, RankingList } from "./evidence-chart.tsx"
import { Quoted } from "./quoted-canaries.tsx"
import { type Names, useArtifacts, useMe, useNames, useWhyNot } from "../../artifacts/viewer.tsx"

const tones: Readonly<Record<AttributionAnswer["verdict"], Tone>> = {
    traced: "bad",
    undecided: "due",
    unrelated: "plain",
}

interface AttributionProps {
    evidence: string
    caseId: string | null
}

export function AttributionSection({ evidence, caseId }: AttributionProps) {
    const found = useLook(`/api/attributions?evidence=${evidence}`, ({ attributions }) => attributions.length > 0)
    return (
        <Section
            title="Whose copy it is from"
            aside={
                <>
                    <Button look="quiet" onPress={() => void found.refetch()}>
                        Look again
                    </Button>
                    <Anew evidence={evidence} onDone={() => void found.refetch()} />
                </>
            }
        >
            <Loaded query={found}>
                {({ attributions: [newest] }) =>
                    newest === undefined ? (
                        <Empty title="It is being held against every copy that was handed out…" />
                    ) : (
                        <Attribution attribution={newest} evidence={evidence} caseId={caseId} />
                    )
                }
            </Loaded>
        </Section>
    )
}

const errors = [
    { value: "1e-6", name: "one in a million, the default" },
    { value: "1e-4", name: "one in ten thousand" },
    { value: "1e-3", name: "one in a thousand" },
    { value: "1e-2", name: "one in a hundred, by two signatures" },
]

/** Requests a larger error bound. It identifies a copy by fewer slots, for every attribution of the case's leaks. */
function Anew({ evidence, onDone }: { evidence: string; onDone: () => void }) {
    return (
        <FormDialog
            button="Attribute again…"
            title="Attribute again"
            submit="Attribute"
            disabledReason={useWhyNot()("evidence:write")}
            requests={[
                { name: "alpha", label: "How often an innocent may be identified", kind: "choice", from: errors },
                {
                    name: "reason",
                    label: "Reason",
                    kind: "text",
                    optional: true,
                    hint: "for an error above one in a thousand, which needs a second signature",
                },
            ]}
            write={({ alpha, reason }) =>
                writeTo("POST", `/api/evidence/${evidence}/attribute`, {
                    alpha: Number(alpha),
                    ...(reason !== "" && { reason }),
                })
            }
            onDone={onDone}
        >
            <p className="muted">
                Of all innocent recipients together, over everything that is tried on the leaks of this case. Slots that
                an earlier try has counted do not count again. Each try is recorded with its error.
            </p>
        </FormDialog>
    )
}

function Attribution({ attribution, evidence, caseId: input }: AttributionProps & { attribution: AttributionAnswer }) {
    const things = useArtifacts()
    const names = useNames()
    const { best } = attribution
    const caseId = input ?? things.find(({ id }) => id === best?.artifact)?.case ?? null
    const identified = best?.ranking.filter((ranked) => ranked.identified) ?? []
    return (
        <>
            <Notice tone={tones[attribution.verdict]}>
                <span>
                    <strong>{headline(attribution, identified.map(names.recipient))}</strong> {attribution.summary}
                </span>
            </Notice>
            <Quoted quotedNames={attribution.quoted} />
            <NamesYou whoses={[...identified, ...(attribution.quoted?.found ?? [])]} />
            <p className="caution">{attribution.caution}</p>
            <Holders polled={attribution.polled} />
            {best !== null && best.ranking.length > 0 && <Bars subject={best} alpha={attribution.alpha} />}
            {best !== null && best.ranking.length > 0 && <RankingList subject={best} alpha={attribution.alpha} />}
            {best !== null && best.together.length > 0 && <Together best={best} />}
            {best !== null && best.hypotheses.length > 0 && <Hypotheses best={best} />}
            <AttributionFacts attribution={attribution} />
            <div className="row">
                {identified
                    .flatMap(({ partner }) => partner ?? [])
                    .map((partner) => (
                        <span key={partner} className="row">
                            <SuspendDialog partner={partner} />
                            <Link to={`/partners/${partner}`}>{names.partner(partner)}</Link>
                        </span>
                    ))}
                <OpenInquiry evidence={evidence} caseId={caseId} />
                {best !== null && <OpenKey attribution={attribution.id} evidence={evidence} />}
            </div>
        </>
    )
}

function headline({ verdict, polled, quoted }: AttributionAnswer, identified: readonly string[]): string {
    if (identified.length > 0) return `Traced to the copy of ${identified.join(" and ")}.`
    if (polled.length > 0) return "The text that all pollers received."
    const quotes = quoted !== null && quoted.found.length > 0
    return `${quotes ? "Its marks name nobody" : "Nobody is named"}: ${verdict}.`
}

/** Lists the partners that received the text unmarked. All of them hold the same text. */
function Holders({ polled }: { polled: AttributionAnswer["polled"] }) {
    const names = useNames()
    if (polled.length === 0) return null
    return (
        <Section title="Holders of the unmarked text">
            <Table
                caption="Partners that were served the unmarked text, by version"
                rows={polled}
                keyOf={({ artifact, version }) => `${artifact} ${version}`}
                columns={[
                    {
                        name: "Text",
                        cell: ({ artifact, version }) => `${names.artifact(artifact)}, version ${version}`,
                    },
                    { name: "Partners", cell: ({ partners }) => partners.map(names.partner).toSorted().join(", ") },
                ]}
            />
        </Section>
    )
}

/** Tells an identified viewer to stop here: the server gives them no key, and the other members keep the inquiry. */
function NamesYou({ whoses }: { whoses: readonly CopyOwner[] }) {
    const me = useMe()
    if (!whoses.some(({ person }) => person === me.id)) return null
    return (
        <Notice tone="bad">
            It names a copy of yours. Leave it, and every inquiry about it, to another investigator: what you do here is
            on record, and no key is opened for you.
        </Notice>
    )
}

/** Describes the typography layer, which counts for nothing. It never names a copy without this explanation. */
function layerOf({ typographyLayer: layer }: Best, nameOf: Names["recipient"]): (readonly [string, string])[] {
    if (layer === null) return []
    const { total, read, fits } = layer
    const [first] = fits
    const input =
        first === undefined
            ? `gone, or too little is left of ${total} signs`
            : `${read} of ${total} signs read; by itself fits ${nameOf(first)} best (log10 e ${formatLog10e(first.log10e, 1)})`
    return [["Typography layer, not counted", input]]
}

function AttributionFacts({ attribution }: { attribution: AttributionAnswer }) {
    const names = useNames()
    const { best } = attribution
    const share = best === null ? 0 : Math.round((100 * best.slots.read) / Math.max(1, best.slots.total))
    return (
        <Facts
            items={[
                ...(best === null
                    ? []
                    : [
                          ["Fits best", `${names.artifact(best.artifact)}, version ${best.version}`] as const,
                          ["Slots", `${best.slots.total} in all`] as const,
                          ["Read", `${best.slots.read} (${share} %)`] as const,
                          ["Erased", `${best.slots.erased}`] as const,
                          ["Mixed", `${best.slots.mixed}`] as const,
                          ...(best.unmarked.explains ? [] : copyFacts(best, names.recipient)),
                          ["Read as in the text without marks", `${best.unmarked.fits}`] as const,
                          ...layerOf(best, names.recipient),
                          ...(best.missingSlots > 0
                              ? [["Slots lacking to name it", `about ${best.missingSlots}`] as const]
                              : []),
                      ]),
                ["Anybody innocent is named with", testsWords(attribution)],
                ...(attribution.budget === null ? [] : [["Error spent", attribution.budget.text] as const]),
                ["Not testable", `${attribution.untested} versions`],
                ["Computed", <When key="at" at={attribution.at} />],
            ]}
        />
    )
}

function copyFacts({ ranking, runnerUp }: Best, nameOf: Names["recipient"]): (readonly [string, string])[] {
    return [
        ["Read otherwise than in the copy that fits best", `${ranking[0]?.mismatches ?? 0}`],
        ["Runner-up", runnerUp === null ? "nobody" : nameOf(runnerUp)],
    ]
}

function testsWords({ alpha, tests, best }: AttributionAnswer): string {
    const each = best === null ? "" : `, each by ${best.tests} tests`
    const over = `over all tries on the leaks of this case, on ${tests} ${tests === 1 ? "version" : "versions"}${each}`
    return `probability ${alpha} at most, ${over}`
}

function Together({ best }: { best: Best }) {
    const names = useNames()
    return (
        <ul className="reasons">
            {best.together.map(({ partners, people, log10e }) => (
                <li key={[...partners, ...people].join(" ")}>
                    <Badge tone="due">together</Badge>
                    <span>
                        {[
                            ...partners.map((partner) => names.recipient({ partner, person: null })),
                            ...people.map((person) => names.recipient({ partner: null, person })),
                        ].join(" and ")}
                        : {formatLog10e(log10e, 1)}
                    </span>
                </li>
            ))}
        </ul>
    )
}

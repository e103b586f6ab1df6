/** An attribution, drawn: how far each partner's copy stands from chance, and from the bound above which one is named. */
import { Link } from "@tanstack/react-router"
import { useLook } from "../kit/api.ts"
import { Button, Do } from "../kit/button.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded, Notice, type Tone } from "../kit/notice.tsx"
import { Badge, Facts, Section } from "../kit/table.tsx"
import type { AttributionAnswer, Best } from "./evidence-reads.ts"
import { OpenInquiry } from "./inquiries.tsx"
import { SuspendDialog } from "./measures.tsx"
import { useArtifacts, useNames, useWhyNot } from "./viewer.tsx"

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
    const found = useLook<{ attributions: readonly AttributionAnswer[] }>(
        `/api/attributions?evidence=${evidence}`,
        ({ attributions }) => attributions.length > 0,
    )
    const not = useWhyNot()("evidence:write")
    return (
        <Section
            title="Whose copy it is from"
            aside={
                <>
                    <Button look="quiet" onPress={() => void found.refetch()}>
                        Look again
                    </Button>
                    <Do
                        not={not}
                        write={{ method: "POST", path: `/api/evidence/${evidence}/attribution`, body: {} }}
                        onDone={() => void found.refetch()}
                    >
                        Attribute anew
                    </Do>
                </>
            }
        >
            <Loaded of={found}>
                {({ attributions: [newest] }) =>
                    newest === undefined ? (
                        <Empty title="It is being held against every copy that was handed out…" />
                    ) : (
                        <Attribution of={newest} evidence={evidence} caseId={caseId} />
                    )
                }
            </Loaded>
        </Section>
    )
}

function Attribution({ of, evidence, caseId: said }: AttributionProps & { of: AttributionAnswer }) {
    const things = useArtifacts()
    const names = useNames()
    const { best } = of
    const caseId = said ?? things.find(({ id }) => id === best?.artifact)?.case ?? null
    const accused = best?.ranking.filter((one) => one.accused) ?? []
    return (
        <>
            <Notice tone={tones[of.verdict]}>
                <span>
                    <strong>
                        {accused.length > 0
                            ? `Traced to the copy of ${accused.map((one) => names.partner(one.partner)).join(" and ")}.`
                            : `Nobody is named: ${of.verdict}.`}
                    </strong>{" "}
                    {of.summary}
                </span>
            </Notice>
            <p className="caution">{of.caution}</p>
            {best !== null && <Bars of={best} alpha={of.alpha} />}
            {best !== null && best.together.length > 0 && <Together of={best} />}
            <AttributionFacts of={of} />
            <div className="row">
                {accused.map(({ partner }) => (
                    <span key={partner} className="row">
                        <SuspendDialog partner={partner} evidence={evidence} />
                        <Link to={`/partners/${partner}`}>{names.partner(partner)}</Link>
                    </span>
                ))}
                <OpenInquiry evidence={evidence} caseId={caseId} />
            </div>
        </>
    )
}

function AttributionFacts({ of }: { of: AttributionAnswer }) {
    const names = useNames()
    const { best } = of
    const share = best === null ? 0 : Math.round((100 * best.slots.read) / Math.max(1, best.slots.total))
    return (
        <Facts
            of={[
                ...(best === null
                    ? []
                    : [
                          ["Fits best", `${names.artifact(best.artifact)}, version ${best.version}`] as const,
                          ["Slots", `${best.slots.total} in all`] as const,
                          ["Read", `${best.slots.read} (${share} %)`] as const,
                          ["Erased", `${best.slots.erased}`] as const,
                          ["Mixed", `${best.slots.mixed}`] as const,
                      ]),
                ["Anybody innocent is named with", `probability ${of.alpha} at most, over ${of.tests} tests`],
                ["Not testable", `${of.untested} versions`],
                ["Computed", <When key="at" at={of.at} />],
            ]}
        />
    )
}

const width = 1150
const rowHeight = 26
const left = 220
const right = 260

/** Bars of log10 e-values: to the right for, to the left against; the dashed line is the bound. */
function Bars({ of, alpha }: { of: Best; alpha: number }) {
    const names = useNames()
    const values = of.ranking.map((one) => one.log10e)
    const low = Math.max(Math.min(0, ...values), -10)
    const high = Math.max(of.bar * 1.15, ...values)
    const place = (value: number) => left + ((Math.max(value, low) - low) / (high - low)) * (width - left - right)
    const height = of.ranking.length * rowHeight + 34
    const told = of.ranking.map((one) => `${names.partner(one.partner)} ${one.log10e.toFixed(1)}`).join("; ")
    return (
        <svg className="bars" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`log10 e-values: ${told}`}>
            <line className="zero" x1={place(0)} x2={place(0)} y1={20} y2={height - 10} />
            {of.ranking.map((one, n) => {
                const y = 26 + n * rowHeight
                const [from, to] = [Math.min(place(0), place(one.log10e)), Math.max(place(0), place(one.log10e))]
                return (
                    <g key={one.partner} className={one.accused ? "bar accused" : "bar"}>
                        <text x={left - 12} y={y + 14} textAnchor="end">
                            {names.partner(one.partner)}
                        </text>
                        <rect x={from} y={y + 3} width={Math.max(to - from, 1.5)} height={rowHeight - 10} rx={2} />
                        <text x={width - right + 12} y={y + 14} className="value">
                            {one.log10e.toFixed(1)} · {one.words}
                        </text>
                    </g>
                )
            })}
            <line className="bound" x1={place(of.bar)} x2={place(of.bar)} y1={18} y2={height - 10} />
            <text x={place(of.bar)} y={12} textAnchor="middle" className="bound-name">
                named above {of.bar.toFixed(1)} (α = {alpha})
            </text>
        </svg>
    )
}

function Together({ of }: { of: Best }) {
    const names = useNames()
    return (
        <ul className="reasons">
            {of.together.map(({ partners, log10e }) => (
                <li key={partners.join(" ")}>
                    <Badge tone="due">together</Badge>
                    <span>
                        {partners.map(names.partner).join(" and ")}: {log10e.toFixed(1)}
                    </span>
                </li>
            ))}
        </ul>
    )
}

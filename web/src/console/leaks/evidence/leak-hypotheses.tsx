/** Competing hypotheses to one leaking copy, their fit with the marks, and who had the text unmarked. */
import { formatLog10e } from "../../../../../server/src/trace/attribution/attribution.ts"
import { evidenceText } from "./e-value.ts"
import { Section, Table } from "../../../kit/table.tsx"
import { leakHypothesisTexts, scaleTexts } from "./fixed-texts.ts"
import type { Best } from "./evidence-reads.ts"
import { CopyMakers } from "./copy-makers.tsx"
import { useNames } from "../../artifacts/viewer.tsx"
import { t, valueText } from "../../../messages/message.ts"

type LeakHypothesis = Best["hypotheses"][number]

export function LeakHypotheses({ best }: { best: Best }) {
    return (
        <Section title={t("Competing hypotheses")}>
            <Table
                caption={t("Competing hypotheses, compared with chance and with the best copy")}
                rows={best.hypotheses}
                keyOf={({ key }) => key}
                columns={[
                    { name: t("Hypothesis"), cell: (item) => <HypothesisName subject={item} /> },
                    {
                        name: t("In the audit log"),
                        cell: (item) => <Holders subject={item} inside={best.otherHolders} />,
                    },
                    { name: t("Better than chance"), cell: ({ log10 }) => evidenceText(log10), end: true },
                    { name: t("Support"), cell: ({ support }) => valueText(support) },
                    {
                        name: t("Behind the best copy"),
                        cell: ({ behind }) => behindText(behind),
                        end: true,
                    },
                ]}
            />
            <p className="muted small">{scaleTexts[best.scale]}</p>
        </Section>
    )
}

function behindText(behind: number | null): string {
    if (behind === null) return ""
    return formatLog10e(behind, 1) === "0.0" ? t("equal") : t("factor {factor}", { factor: evidenceText(behind) })
}

function HypothesisName({ subject: { partner, person, key } }: { subject: LeakHypothesis }) {
    const isCopy = partner !== null || person !== null
    const names = useNames()
    return (
        <>
            <strong>{leakHypothesisTexts[key]}</strong>
            {isCopy && key !== "remade" && <span className="block">{names.recipient({ partner, person })}</span>}
        </>
    )
}

/** Shows the log's evidence about a hypothesis; empty if there is none. */
function Holders({ subject: { key }, inside }: { subject: LeakHypothesis; inside: Best["otherHolders"] }) {
    const names = useNames()
    const { masterReaders: readers, polled } = inside
    if (key === "remade") return <CopyMakers makers={inside} />
    if (key !== "master") return null
    const listed = (ids: readonly string[], nameOf: (id: string) => string) => ({
        count: ids.length,
        names: ids.map(nameOf).toSorted().join(", "),
    })
    return (
        <>
            {readers.length === 0 ? (
                <span className="muted">{t("no person had the unmarked text")}</span>
            ) : (
                t(
                    "{count, plural, one {# person} other {# people}} had the unmarked text: {names}",
                    listed(readers, names.person),
                )
            )}
            {polled.length > 0 && (
                <span className="block">
                    {t(
                        "{count, plural, one {# partner} other {# partners}} polled the unmarked text: {names}",
                        listed(polled, names.partner),
                    )}
                </span>
            )}
        </>
    )
}

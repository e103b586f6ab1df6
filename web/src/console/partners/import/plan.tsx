/** The plan of an import: its sums in sentences, and what each line does. */
import { Link } from "@tanstack/react-router"
import { useState } from "react"
import type { ImportFormat } from "../../../../../server/src/trust/partners/imports/import-format.ts"
import { Segments } from "../../../kit/layout/segments.tsx"
import { Empty, Notice, type Tone } from "../../../kit/notice.tsx"
import { Badge, PagedTable, Section, Table } from "../../../kit/table.tsx"
import type { AnswerTo } from "../../api.ts"
import { tierNames } from "../../words.ts"
import { langOf, refusalText, t, valueText } from "../../../messages/message.ts"

type Plan = AnswerTo<"/api/partner-imports/preview", "POST">
type Line = Plan["lines"][number]

export const formatNames: Readonly<Record<ImportFormat, string>> = {
    csv: t("CSV"),
    groups_yaml: t("Kubernetes groups.yaml"),
    mailman_roster: t("Mailman roster"),
    openpgp_keyring: t("OpenPGP keyring"),
}

export function Sums({ plan: { format, sums } }: { plan: Pick<Plan, "format" | "sums"> }) {
    const { partners, people, known, errors, withoutLead } = sums
    return (
        <>
            <p>
                {t(
                    "{format}: adds {partners, plural, one {# partner} other {# partners}} and {people, plural, one {# person} other {# people}}. {known, plural, one {# line is} other {# lines are}} known, and {errors, plural, one {# line has an error} other {# lines have errors}}.",
                    { format: formatNames[format], partners, people, known, errors },
                )}
            </p>
            {withoutLead > 0 && (
                <Notice tone="due">
                    {t(
                        "{count, plural, one {# new partner has no lead. Without a lead it} other {# new partners have no lead. Without a lead they}} cannot accept the agreement.",
                        { count: withoutLead },
                    )}
                </Notice>
            )}
            {format === "openpgp_keyring" && (
                <Notice>
                    {t("Only names and addresses are imported. Each partner adds its own keys in the portal.")}
                </Notice>
            )}
        </>
    )
}

const filters = {
    all: () => true,
    adds: ({ result }: Line) => result === "new_partner" || result === "new_person",
    known: ({ result }: Line) => result === "known",
    error: ({ result }: Line) => result === "error",
}
type Filter = keyof typeof filters

const filterNames: Readonly<Record<Filter, (count: number) => string>> = {
    all: (count) => t("All lines ({count})", { count }),
    adds: (count) => t("New ({count})", { count }),
    known: (count) => t("Known ({count})", { count }),
    error: (count) => t("Errors ({count})", { count }),
}

/** `signed`: shows all lines at once, because a person signs them. */
export function Lines({ lines, signed = false }: { lines: readonly Line[]; signed?: boolean }) {
    const [filter, setFilter] = useState<Filter>("all")
    const chosen = lines.filter(filters[filter])
    const choices = (Object.keys(filters) as Filter[]).map((id) => ({
        id,
        name: filterNames[id](lines.filter(filters[id]).length),
    }))
    const Rows = signed ? Table<Line> : PagedTable<Line>
    return (
        <Section
            title={t("What each line does")}
            aside={<Segments label={t("Lines shown")} choices={choices} chosen={filter} onChoose={setFilter} />}
        >
            {chosen.length === 0 ? (
                <Empty title={t("No line matches.")} />
            ) : (
                <Rows
                    key={filter}
                    caption={t("Lines of the file")}
                    rows={chosen}
                    keyOf={(line) => String(lines.indexOf(line))}
                    columns={columns}
                />
            )}
        </Section>
    )
}

const tones: Readonly<Record<Line["result"], Tone>> = {
    new_partner: "good",
    new_person: "good",
    known: "plain",
    error: "bad",
}

const columns = [
    { name: t("Line"), cell: ({ line }: Line) => line, end: true },
    { name: t("Result"), cell: ({ result }: Line) => <Badge tone={tones[result]}>{valueText(result)}</Badge> },
    { name: t("Partner"), cell: (line: Line) => <PartnerCell line={line} /> },
    { name: t("Person"), cell: (line: Line) => <PersonCell line={line} /> },
    { name: t("Reason"), cell: (line: Line) => <ReasonCell line={line} /> },
]

function PartnerCell({ line: { name, partner, knownPartner } }: { line: Line }) {
    if (knownPartner !== null) return <KnownPartnerCell partner={knownPartner} />
    if (partner === null) return name
    const { mail, tier, status, duties } = partner
    const facts = [mail, tierNames[tier], valueText(status), ...duties]
    return (
        <span className="named">
            <span>
                <strong>{name}</strong>
                <small>{facts.join(" · ")}</small>
            </span>
        </span>
    )
}

/** Shows the partner as in the directory, so that the signer sees which partner gets the people. */
function KnownPartnerCell({ partner: { id, name, mail, status } }: { partner: NonNullable<Line["knownPartner"]> }) {
    return (
        <span className="named">
            <span>
                <Link to={`/partners/${id}`}>{name}</Link>
                <small>{[mail, valueText(status)].join(" · ")}</small>
            </span>
        </span>
    )
}

function PersonCell({ line: { person } }: { line: Line }) {
    if (person === null) return <span className="muted">–</span>
    return (
        <span className="named">
            <span>
                {person.name} ({valueText(person.role)})<small>{person.mail}</small>
            </span>
        </span>
    )
}

function ReasonCell({ line: { reason } }: { line: Line }) {
    if (reason === null) return null
    const text = refusalText(reason.code, reason.message, reason.values)
    return <span lang={langOf(text)}>{text.replaceAll("`", "")}</span>
}

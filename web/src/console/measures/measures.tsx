/** Measures: restrictions and restorations, by whom and why, with their letters. */
import { Link } from "@tanstack/react-router"
import { parseInstant } from "@tocsin/base/instant"
import type { MeasureKind } from "../../../../server/src/trace/measures/measure.ts"
import { type AnswerTo, useRead } from "../api.ts"
import { When } from "../../kit/instant.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { ActionMenu } from "../../kit/layout/menu.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Section } from "../../kit/table.tsx"
import type { Partner } from "../answers.ts"
import { LiftByDuty, RestrictByDuty } from "../access/duty-measures.tsx"
import { useCan, useMayRead, useNames, useNow } from "../artifacts/viewer.tsx"
import { measureNames } from "../words.ts"
import { LetterCard } from "./letter-card.tsx"
import { TemplateList } from "./letter-templates.tsx"
import { MeasureActions } from "./measure-actions.tsx"
import { Procedures } from "./procedures.tsx"
import { RestrictionWords } from "./restriction-text.tsx"
import { Review } from "./review-suspension.tsx"
import { rich, t } from "../../messages/message.ts"

type MeasureRow = AnswerTo<"/api/measures">["measures"][number]

export function Measures() {
    const measures = useRead("/api/measures")
    return (
        <Page
            title={t("Measures")}
            lead={t("Whose access is restricted, why, and who decides next?")}
            aside={
                <>
                    <RestrictByDuty />
                    <ActionMenu
                        label={t("More actions")}
                        className="button"
                        actions={[
                            {
                                id: "templates",
                                name: t("Letter templates…"),
                                dialog: { title: t("Letter templates"), wide: true, content: () => <TemplateList /> },
                            },
                        ]}
                    >
                        <Icon name="dots" />
                    </ActionMenu>
                </>
            }
        >
            <Procedures />
            <Section title={t("Measures")}>
                <Loaded query={measures}>{({ measures }) => <MeasureList rows={measures} isNamed />}</Loaded>
            </Section>
        </Page>
    )
}

export function PartnerMeasures({ partner }: { partner: Partner }) {
    const can = useCan()
    const measures = useMayRead("measure:read", `/api/measures?partner=${partner.id}`)
    if (!can("measure:read")) return null
    return (
        <>
            <Section
                title={t("Measures")}
                aside={<MeasureActions partner={partner} open={openKinds(measures.data?.measures)} />}
            >
                <Loaded query={measures}>{({ measures }) => <MeasureList rows={measures} />}</Loaded>
            </Section>
            <Procedures partner={partner.id} />
        </>
    )
}

function openKinds(rows: readonly MeasureRow[] | undefined): MeasureKind[] | null {
    return rows?.filter(({ endedAt }) => endedAt === null).map(({ kind }) => kind) ?? null
}

function MeasureList({ rows, isNamed = false }: { rows: readonly MeasureRow[]; isNamed?: boolean }) {
    if (rows.length === 0) return <Empty title={t("No measures yet.")} />
    return (
        <ul className="panel list">
            {rows.map((row) => (
                <MeasureLine key={row.id} row={row} isNamed={isNamed} />
            ))}
        </ul>
    )
}

function MeasureLine({ row, isNamed }: { row: MeasureRow; isNamed: boolean }) {
    const names = useNames()
    return (
        <li>
            <div className="grow">
                <span className="title">{measureNames[row.kind]}</span> {isNamed && <Subject row={row} />}
                {row.restriction !== null && (
                    <div className="why">
                        <RestrictionWords restriction={row.restriction} />
                    </div>
                )}
                <div className="why">{row.reason}</div>
                <div className="why">
                    {names.person(row.takenBy)}, <When at={row.takenAt} short />
                </div>
            </div>
            <State row={row} />
            <Step row={row} />
            <ActionMenu
                label={t("More actions: {measure}", { measure: measureNames[row.kind] })}
                actions={[
                    {
                        id: "letters",
                        name: t("Letters…"),
                        dialog: {
                            title: t("Letters about the {measure}", { measure: measureNames[row.kind] }),
                            wide: true,
                            content: () => <MeasureLetters id={row.id} />,
                        },
                    },
                ]}
            >
                <Icon name="dots" />
            </ActionMenu>
        </li>
    )
}

function Subject({ row }: { row: MeasureRow }) {
    const names = useNames()
    if (row.partner !== null) return <Link to={`/partners/${row.partner}`}>{names.partner(row.partner)}</Link>
    return (
        <span className="muted">
            {rich("partners with a reporting duty, by <link>policy version {version}</link>", {
                link: (text) => <Link to={`/policy/${row.policy}`}>{text}</Link>,
                version: row.policy,
            })}
        </span>
    )
}

/** Shows the state of a measure. A restoration has none, because it is complete at once. */
function State({ row }: { row: MeasureRow }) {
    const now = parseInstant(useNow())
    if (row.kind === "lift" || row.kind === "reinstatement") return null
    if (row.endedAt !== null) {
        return (
            <span className="by">
                <Badge>{t("ended")}</Badge>
                <small className="block">
                    <When at={row.endedAt} short />
                </small>
            </span>
        )
    }
    const isLate = row.reviewBy !== null && now >= parseInstant(row.reviewBy)
    return (
        <span className="by">
            <Badge tone={isLate ? "bad" : "due"}>{isLate ? t("review overdue") : t("open")}</Badge>
            {row.reviewBy !== null && (
                <small className="block">
                    {rich("review by {reviewBy}", { reviewBy: <When at={row.reviewBy} short /> })}
                </small>
            )}
            {row.procedure !== null && (
                <small className="block">
                    <Link to={`/leaks/procedures/${row.procedure}`}>{t("procedure")}</Link>
                </small>
            )}
        </span>
    )
}

/** The one action that an open measure needs. */
function Step({ row }: { row: MeasureRow }) {
    if (row.endedAt !== null) return null
    if (row.kind === "restrict_by_reporting_duty") return <LiftByDuty />
    if (row.kind !== "interim_suspension" || row.partner === null) return null
    return <Review measure={row.id} partner={row.partner} takenBy={row.takenBy} />
}

function MeasureLetters({ id }: { id: string }) {
    const measure = useRead(`/api/measures/${id}`)
    return (
        <Loaded query={measure}>
            {({ letters }) =>
                letters.length === 0 ? (
                    <Empty title={t("No letter was sent: the measure concerned no partner.")} />
                ) : (
                    letters.map((letter) => <LetterCard key={letter.id} letter={letter} />)
                )
            }
        </Loaded>
    )
}

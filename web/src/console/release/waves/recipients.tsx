/** Who gets which classes by a wave: one row a partner. */
import { formatInstant } from "@tocsin/base/instant"
import { Link } from "@tanstack/react-router"
import { TableFrame } from "../../../kit/scroll.tsx"
import { Empty } from "../../../kit/notice.tsx"
import { Section } from "../../../kit/table.tsx"
import type { Approval } from "../../answers.ts"
import { useNames } from "../../artifacts/viewer.tsx"
import { useCaseArtifacts, useMatrix } from "../../cases/case-reads.ts"
import { WhyButton } from "../../access/why.tsx"
import { type Cell, type Column, type Grant, cellOf, columnsOf, isGiven, otherGrant } from "./recipient-table.ts"
import { t, valueText } from "../../../messages/message.ts"

type Effects = Approval["effects"]

const grantNames: Readonly<Record<Grant, string>> = {
    given: t("by this wave"),
    had: t("has it already"),
    later: t("later"),
    withheld: t("withheld"),
}

export function Recipients({ caseId, effects }: { caseId: string; effects: Effects }) {
    const names = useNames()
    const artifacts = useCaseArtifacts(caseId).data?.artifacts ?? []
    const columns = columnsOf(artifacts)
    const partners = effects.recipients.toSorted((a, b) => names.partner(a).localeCompare(names.partner(b)))
    return (
        <Section title={t("Recipients")} count={partners.length} aside={<Legend />}>
            {partners.length === 0 ? (
                <Empty title={t("No partner gets anything by this wave.")} />
            ) : (
                <TableFrame label={t("Recipients by class")} tall={partners.length > 20}>
                    <table className="grants">
                        <caption className="unseen">{t("What each partner gets by this wave")}</caption>
                        <thead>
                            <tr>
                                <th scope="col">{t("Partner")}</th>
                                {columns.map(({ name, artifacts: ofClass }) => (
                                    <th key={name} scope="col">
                                        {valueText(name)}
                                        {ofClass.length > 1 && ` ×${ofClass.length}`}
                                    </th>
                                ))}
                                <th scope="col">
                                    <span className="unseen">{t("Reasons")}</span>
                                </th>
                            </tr>
                        </thead>
                        <tbody>
                            {partners.map((partner) => (
                                <Row
                                    key={partner}
                                    caseId={caseId}
                                    partner={partner}
                                    effects={effects}
                                    columns={columns}
                                />
                            ))}
                        </tbody>
                    </table>
                </TableFrame>
            )}
        </Section>
    )
}

interface RowProps {
    caseId: string
    partner: string
    effects: Effects
    columns: readonly Column[]
}

function Row({ caseId, partner, effects, columns }: RowProps) {
    const names = useNames()
    const entitlements = useMatrix(caseId).data?.entitlements ?? []
    const at = effects.at === null ? null : formatInstant(effects.at)
    const grantOf = (artifact: string): Grant =>
        isGiven(effects, partner, artifact)
            ? "given"
            : otherGrant(
                  entitlements.find((item) => item.partner === partner && item.artifact === artifact),
                  at,
              )
    return (
        <tr>
            <th scope="row">
                <Link to={`/partners/${partner}`}>{names.partner(partner)}</Link>
            </th>
            {columns.map(({ name, artifacts }) => (
                <td key={name}>
                    <GrantCell cell={cellOf(artifacts.map(grantOf))} />
                </td>
            ))}
            <td className="end">
                {at !== null && (
                    <WhyButton
                        id={names.partner(partner)}
                        caseId={caseId}
                        at={at}
                        partners={[partner]}
                        artifacts={effects.artifacts.map(({ artifact }) => artifact)}
                    />
                )}
            </td>
        </tr>
    )
}

function GrantCell({ cell: { grant, count, of } }: { cell: Cell }) {
    return (
        <span className="grant" title={grantNames[grant]}>
            <Glyph grant={grant} />
            <span className="unseen">{grantNames[grant]}</span>
            {grant === "given" && count < of && <small>{t("{count} of {total}", { count, total: of })}</small>}
        </span>
    )
}

function Glyph({ grant }: { grant: Grant }) {
    return (
        <svg className={`glyph ${grant}`} viewBox="0 0 12 12" aria-hidden="true">
            {grant === "withheld" ? <path d="M2 6h8" /> : <rect x="1.500" y="1.500" width="9" height="9" rx="2" />}
            {grant === "later" && <path d="M6 3.500V6l1.500 1" />}
        </svg>
    )
}

function Legend() {
    const grants: readonly Grant[] = ["given", "had", "later", "withheld"]
    return (
        <ul className="legend">
            {grants.map((grant) => (
                <li key={grant} className="row">
                    <Glyph grant={grant} /> {grantNames[grant]}
                </li>
            ))}
        </ul>
    )
}

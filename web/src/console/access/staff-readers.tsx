/** The staff who could read the text of an artifact, by class. */
import { useState } from "react"
import { type ArtifactClass, artifactClasses } from "../../../../server/src/share/artifacts/artifact.ts"
import { mastersPerHour } from "../../../../server/src/share/marking/master-limit.ts"
import { Empty } from "../../kit/notice.tsx"
import { Section, Table } from "../../kit/table.tsx"
import { useColleagues } from "../artifacts/viewer.tsx"
import { listText, t, valueText } from "../../messages/message.ts"
import { type MasterCondition, masterReaders } from "./master-readers.ts"

export function StaffReaders() {
    const [artifactClass, setClass] = useState<ArtifactClass>("poc")
    const readers = masterReaders(useColleagues(), artifactClass)
    const conditions: Readonly<Record<MasterCondition, string>> = {
        alone: t("to revise it, {limit} texts an hour", { limit: mastersPerHour[artifactClass] }),
        consent: t("with a second signature for each read"),
    }
    return (
        <Section
            title={t("Who of the staff could read this?")}
            aside={
                <select
                    aria-label={t("Class")}
                    value={artifactClass}
                    onChange={({ target }) => setClass(target.value as ArtifactClass)}
                >
                    {artifactClasses.map((kind) => (
                        <option key={kind} value={kind}>
                            {valueText(kind)}
                        </option>
                    ))}
                </select>
            }
        >
            <p className="muted">
                {t(
                    "The author reads the text. Other staff with these roles read a marked copy of their own, and the text itself under this condition. The audit log has each read.",
                )}
            </p>
            {readers.length === 0 ? (
                <Empty title={t("No other person could read the text.")} />
            ) : (
                <Table
                    caption={t("Staff who could read the text")}
                    rows={readers}
                    keyOf={({ person }) => person.id}
                    columns={[
                        { name: t("Person"), cell: ({ person }) => <strong>{person.name}</strong> },
                        {
                            name: t("Roles"),
                            cell: ({ person }) => listText(person.roles.map((role) => valueText(role))),
                        },
                        { name: t("The text itself"), cell: ({ condition }) => conditions[condition] },
                    ]}
                />
            )}
        </Section>
    )
}

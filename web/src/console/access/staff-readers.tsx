/** The staff who could read the text of an artifact, by class. */
import { useState } from "react"
import { type ArtifactClass, artifactClasses } from "../../../../server/src/share/artifacts/artifact.ts"
import { mastersPerHour } from "../../../../server/src/share/marking/master-limit.ts"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Section, Table } from "../../kit/table.tsx"
import { useColleaguesRead } from "../artifacts/viewer.tsx"
import { listText, t, valueText } from "../../messages/message.ts"
import { type MasterCondition, masterReaders } from "./master-readers.ts"

export function StaffReaders() {
    const [artifactClass, setClass] = useState<ArtifactClass>("poc")
    const colleagues = useColleaguesRead()
    return (
        <Section
            title={t("Staff who could read the text")}
            aside={
                <select
                    aria-label={t("Class of the text")}
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
                    "The author can read the text. Authors and approvers can read their own marked copy. The last column says when a person can read the text itself. The audit log records each read.",
                )}
            </p>
            <Loaded query={colleagues}>
                {({ people }) => <Readers readers={masterReaders(people, artifactClass)} ofClass={artifactClass} />}
            </Loaded>
        </Section>
    )
}

interface ReadersProps {
    readers: ReturnType<typeof masterReaders>
    ofClass: ArtifactClass
}

function Readers({ readers, ofClass }: ReadersProps) {
    const conditions: Readonly<Record<MasterCondition, string>> = {
        alone: t("to revise it, {limit} texts an hour", { limit: mastersPerHour[ofClass] }),
        consent: t("with a second signature for each read"),
        leak: t("only what a leak shows of it, as a member of the inquiry"),
    }
    if (readers.length === 0) return <Empty title={t("No other person could read the text.")} />
    return (
        <Table
            dense
            caption={t("Readers with their roles and conditions")}
            rows={readers}
            keyOf={({ person }) => person.id}
            columns={[
                { name: t("Person"), cell: ({ person }) => <strong>{person.name}</strong> },
                { name: t("Roles"), cell: ({ person }) => listText(person.roles.map((role) => valueText(role))) },
                { name: t("The text itself"), cell: ({ condition }) => conditions[condition] },
            ]}
        />
    )
}

/** The access list of a warning: its lead narrows it to some people, and widens it to all. */
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { FormDialog, ticked } from "../../kit/form.tsx"
import { Loaded } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import type { Circle, Member } from "../answers.ts"
import { useMe, useWhyNot } from "../viewer.ts"

/** For leads. It shows nothing to other people, not even that a list exists. */
export function CircleSection({ id: subject }: { id: string }) {
    const mayNot = useWhyNot()("access_list:write")
    const circle = useRead(mayNot === null ? `/api/warnings/${subject}/access-list` : null)
    if (mayNot !== null) return null
    return <Loaded query={circle}>{(found) => <Inside id={subject} circle={found} />}</Loaded>
}

const isLead = ({ roles }: Member): boolean => roles.includes("lead")

function Inside({ id: subject, circle }: { id: string; circle: Circle }) {
    const roster = useMe().partner.roster.filter(({ left }) => !left)
    const write = (people: readonly string[] | null) =>
        writeTo("PUT", `/api/warnings/${subject}/access-list`, { people })
    return (
        <Section
            title="Who may see this warning"
            aside={
                <span className="row">
                    {circle.narrowed && <Do write={write(null)}>Let everybody see it</Do>}
                    <FormDialog
                        button={circle.narrowed ? "Change who…" : "Narrow it…"}
                        title="Who may see this warning"
                        submit="Let only these see it"
                        requests={[
                            {
                                name: "people",
                                label: "Besides your leads",
                                kind: "choices",
                                from: roster
                                    .filter((member) => !isLead(member))
                                    .map(({ id, name }) => ({ value: id, name })),
                                initial: circle.people.join("\n"),
                            },
                        ]}
                        write={(answers) => {
                            const chosen = ticked(answers, "people")
                            const is = (member: Member) => isLead(member) || chosen.includes(member.id)
                            return write(roster.filter(is).map(({ id }) => id))
                        }}
                    >
                        <p>
                            Whoever is not ticked sees nothing of it from then on: not the warning, its copies and
                            receipts, nor a notice by mail. What they have read already they know, and copies that your
                            organisation fetched stay where it keeps them.
                        </p>
                        <p>Leads see it in any case. Whoever joins later does not, until you add them here.</p>
                    </FormDialog>
                </span>
            }
        >
            <p>
                {circle.narrowed
                    ? "Only some of your persons see it. Whoever joins later does not, until you add them."
                    : "Everybody on your roster sees it, and whoever joins later."}
            </p>
            <Table
                caption="Your people, and who of them sees it"
                rows={roster}
                keyOf={({ id }) => id}
                columns={[
                    { name: "Name", cell: (member) => member.name },
                    { name: "Roles", cell: (member) => member.roles.join(", ") },
                    { name: "This warning", cell: (member) => <Sees is={circle.people.includes(member.id)} /> },
                ]}
            />
        </Section>
    )
}

function Sees({ is }: { is: boolean }) {
    return is ? <Badge tone="good">sees it</Badge> : <Badge>outside</Badge>
}

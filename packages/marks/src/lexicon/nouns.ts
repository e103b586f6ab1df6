/**
 * The things that lines of the lexicon with a `$` apply to, one line each.
 *
 * `$one` and `$many` are a thing and several of them, `$an` is its article. `$do` and `$doing` are a step that
 * readers are advised to take. `$trait` of `$holder` is a property of it.
 */
const things = `
request requests
session sessions
message messages
file files
account accounts
attachment attachments
archive archives
connection connections
entry entries
event events
device devices
server servers
host hosts
machine machines
system systems
gateway gateways
appliance appliances
instance instances
installation installations
service services
application applications
product products
version versions
release releases
platform platforms
rule rules
process processes
packet packets
link links
certificate certificates
user users
customer customers
partner partners
client clients
node nodes
network networks
interface interfaces
page pages
field fields
`
const steps = `
install installing
apply applying
deploy deploying
update updating
upgrade upgrading
restart restarting
check checking
review reviewing
rotate rotating
change changing
disable disabling
enable enabling
restrict restricting
limit limiting
block blocking
monitor monitoring
search searching
contact contacting
plan planning
keep keeping
use using
follow following
remove removing
replace replacing
isolate isolating
`
const traits = "address name length size configuration owner version state location certificate"
const holders =
    "client server device file message request attachment service application host gateway appliance module package"

/** Returns the lines that a line with `$` stands for; for another line, the line itself. */
export function expandLine(line: string): string[] {
    if (line.includes("$trait")) {
        return words(holders).flatMap((holder) =>
            words(traits).map((trait) => line.replaceAll("$trait", trait).replaceAll("$holder", holder)),
        )
    }
    if (line.includes("$do")) {
        return rows(steps).map(([base, ing]) => line.replaceAll("$doing", ing).replaceAll("$do", base))
    }
    if (!line.includes("$")) return [line]
    return rows(things).map(([item, many]) =>
        line
            .replaceAll("$one", item)
            .replaceAll("$many", many)
            .replaceAll("$an", /^[aei]/.test(item) ? "an" : "a"),
    )
}

function words(list: string): string[] {
    return list.trim().split(/\s+/)
}

function rows(table: string): (readonly [string, string])[] {
    return table
        .trim()
        .split("\n")
        .map((row) => {
            const [first = "", second = ""] = row.split(" ")
            return [first, second] as const
        })
}

/** Applications that specs fill in or send. */

const hosts = "We protect two thousand hosts of our own by what we ship."
/** The fields of the screen by their labels. */
export const filled: Readonly<Record<string, string>> = {
    Organisation: "Harbour Light Defence",
    "Address for warnings": "warnings@harbour.example",
    "Contact person": "Nadia Kessler",
    "Address of the contact person": "nadia@harbour.example",
    "Products and services": "Light Shield\nLight Net",
    Regions: "Norway",
    "How you protect your own systems": hosts,
    "Example: what you did": hosts,
    "How you use a warning": hosts,
    "Example: CVE id": "CVE-2024-3094",
    "Who reads the address for warnings": hosts,
    Automation: "none",
}

const story = "Seven analysts in two shifts write and ship detections for the hosts of our customers."
/** The body of `POST /api/applications`. */
export const form = {
    organisation: "Tern Island Monitoring",
    mail: "warnings@tern.example",
    contact: { name: "Odile Brandt", mail: "odile@tern.example" },
    productClasses: ["network_detection"],
    products: ["Tern Sensor"],
    regions: ["Northern Europe"],
    inHouseProtection: story,
    workedExample: { cve: "CVE-2024-38094", text: story },
    dataUse: story,
    mailboxReaders: story,
    automation: "none",
}

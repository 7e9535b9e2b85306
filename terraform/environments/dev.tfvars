# A place to try things: it may be destroyed, and logs can be shortened.
project_id        = "mesh-dev-000000"
environment       = "dev"
protected         = false
region            = "europe-west1"
database_location = "europe-west1"
rotation_from     = "2027-03-01T00:00:00Z"

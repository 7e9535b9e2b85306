# The place that counts. What is locked here stays locked.
project_id        = "mesh-prod-000000"
environment       = "prod"
protected         = true
region            = "europe-west1"
database_location = "eur3"
rotation_from     = "2027-03-01T00:00:00Z"
domain            = "mesh.example.com"

# Who may change what others may do, or spend, shows a second factor.
second_factor_roles = ["admin", "owner", "treasurer"]

"""The page that checks one note before submission, and the HTTP interfaces. `app.create_app` puts them together."""
